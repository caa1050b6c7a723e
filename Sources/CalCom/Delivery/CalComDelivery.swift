public import Domain

/// Turns the body of a webhook delivery into facts.
///
/// Both payload versions (`2021-10-20`, `2026-07-27`) are read alike, whatever the version header
/// says: they differ in two fields that we do not use. Every field but `triggerEvent` and the
/// booking's uid is optional; unknown fields, and unimportant ones of an unexpected type, are
/// passed over.
///
/// Source: `facts/calcom.md`, sections 1 and 3.
public enum CalComDelivery {
    /// Says what a body means; never fails, because what cannot be understood is a reading too.
    ///
    /// | body                                    | reading        |
    /// |-----------------------------------------|----------------|
    /// | not JSON, cut off, empty                | `malformed`    |
    /// | JSON without a trigger, unknown trigger | `unrecognised` |
    /// | known trigger that the sync does not use| `noted`        |
    /// | known trigger, impossible content       | `unusable`     |
    /// | anything else                           | `facts`        |
    ///
    /// - Parameters:
    ///   - body: The bytes as they arrived; the signature is checked elsewhere.
    ///   - arrived: When they did; the time of a fact whose delivery has none.
    /// - Returns: The reading; equal for equal arguments.
    public static func read(_ body: [UInt8], arrived: Instant) -> DeliveryReading {
        do throws(JSONError) {
            return read(try JSON(parsing: body), arrived: arrived)
        } catch {
            let isEmpty = body.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
            return .malformed(reason: isEmpty ? "the body is empty" : error.description)
        }
    }

    private static func read(_ body: JSON, arrived: Instant) -> DeliveryReading {
        guard case .object = body else {
            return .unrecognised(
                trigger: nil,
                reason: "the body is no JSON object; a custom payload template can do that"
            )
        }
        guard let name = body["triggerEvent"]?.string, !name.isEmpty else {
            return .unrecognised(
                trigger: nil,
                reason: "the body has no triggerEvent; leave the payload template at its default"
            )
        }
        guard let trigger = Trigger(rawValue: name) else {
            return Trigger.isWithoutMeaning(name)
                ? .noted(trigger: String(name.prefix(64)))
                : .unrecognised(trigger: String(name.prefix(64)), reason: "unknown trigger")
        }
        do throws(UnusablePart) {
            let fact = try DeliveryReader(trigger: trigger, body: body, arrived: arrived).fact()
            return .facts(trigger: name, [fact])
        } catch {
            return .unusable(trigger: name, reason: error.reason)
        }
    }
}

/// An essential part of a delivery that is missing or impossible.
struct UnusablePart: Error {
    /// What is wrong, without the part itself.
    let reason: String
}
