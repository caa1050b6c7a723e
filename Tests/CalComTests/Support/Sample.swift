import CalCom
import Domain
import Foundation
import Testing

/// The recorded deliveries beside these tests; all people in them are invented.
enum Sample {
    /// When the deliveries of these tests arrive, unless a test says otherwise.
    static let arrival = Instant(milliseconds: 1_800_000_000_000)

    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let file = folder.deletingLastPathComponent().appending(path: "Samples/\(name)")
        return Array(try Data(contentsOf: file))
    }

    static func json(_ name: String) throws -> JSON { try JSON(parsing: bytes(name)) }

    static func read(_ name: String) throws -> DeliveryReading {
        CalComDelivery.read(try bytes(name), arrived: arrival)
    }

    /// The only fact of a recorded delivery.
    static func fact(_ name: String) throws -> ReportedFact {
        let facts = try read(name).facts
        try #require(facts.count == 1)
        return try #require(facts.first)
    }

    static func booking(_ name: String) throws -> Booking {
        try #require(try fact(name).fact.booking)
    }
}

/// A delivery that a test changes in one place.
struct Delivery {
    var body: JSON

    init(_ name: String) throws { body = try Sample.json(name) }

    /// Sets a member of the payload; nil takes it out.
    func with(_ name: String, _ value: JSON?) throws -> Self {
        var copy = self
        let payload = try #require(body["payload"]).setting(name, value)
        copy.body = body.setting("payload", payload)
        return copy
    }

    /// Sets a member of the body; nil takes it out.
    func withOuter(_ name: String, _ value: JSON?) -> Self {
        var copy = self
        copy.body = body.setting(name, value)
        return copy
    }

    var reading: DeliveryReading { CalComDelivery.read(body.bytes, arrived: Sample.arrival) }

    func fact() throws -> ReportedFact { try #require(reading.facts.first) }

    func booking() throws -> Booking { try #require(try fact().fact.booking) }
}

extension JSON {
    func setting(_ name: String, _ value: JSON?) -> JSON {
        let others = (members ?? []).filter { $0.name != name }
        return .object(others + (value.map { [Member(name, $0)] } ?? []))
    }

    /// JSON written in a test.
    static func parsed(_ text: String) throws -> JSON { try JSON(parsing: text) }
}

extension Instant {
    /// A moment written in a test; a wrong one shows as year 0.
    static func at(_ text: String) -> Instant {
        Instant(rfc3339: text) ?? Instant(milliseconds: -62_167_219_200_000)
    }
}
