import Domain
import Reconciliation

/// Forms what is remembered of a field, so that the next plan can tell what moved.
struct ClaimMemory {
    let object: ObjectDescription?
    let digest: (String) -> ValueDigest

    /// A field that was written: what we sent, and what Salesforce made of it.
    func written(
        _ planned: PlannedField,
        sent: FieldValue,
        seen: FieldValue?,
        at stamp: Instant?
    ) -> Claim {
        let seen = seen ?? sent
        return Claim(
            sent: digest(sent, planned.field),
            seen: digest(seen, planned.field),
            seenIsEmpty: seen.isEmpty,
            seenAt: stamp,
            considered: planned.considered,
            outcome: planned.reason
        )
    }

    /// A field that was not written.
    ///
    /// What stands there and is as we want it becomes ours. What is held keeps what was known, and
    /// its events count as considered, unless no value could be formed: then it may still come.
    func settled(_ planned: PlannedField, at stamp: Instant?) -> Claim? {
        switch planned.outcome {
        case .adopt where planned.reason == .confirmedLate:
            written(
                planned,
                sent: planned.desired?.resolved([:]) ?? planned.live,
                seen: planned.live,
                at: stamp
            )
        case .adopt: adopted(planned, at: stamp)
        case .hold: held(planned, as: planned.reason)
        // A newer booking said the same: it has had its say, and a later edit is not overwritten.
        case .unchanged: planned.isNews ? held(planned, as: planned.reason) : nil
        case .write: nil
        }
    }

    /// What stands there is taken over.
    ///
    /// An edit that somebody adopted leaves what we wanted last as it was: the same value is not
    /// written again, and another one is.
    private func adopted(_ planned: PlannedField, at stamp: Instant?) -> Claim {
        let wanted: FieldValue? =
            if planned.reason == .driftAdopted, case .value(let sent)? = planned.desired {
                sent
            } else { nil }
        return written(planned, sent: wanted ?? planned.live, seen: planned.live, at: stamp)
    }

    /// A field that is held, remembered so that the reason is told once.
    ///
    /// Without `sent`, what was known of earlier writes stays.
    func held(_ planned: PlannedField, as reason: Reason) -> Claim {
        Claim(
            sent: nil,
            seen: nil,
            seenIsEmpty: true,
            seenAt: nil,
            considered: reason.mayStillCome ? .never : planned.considered,
            outcome: reason
        )
    }

    private func digest(_ value: FieldValue, _ field: FieldName) -> ValueDigest {
        digest(CanonicalForm.text(of: value, object?.fields[field]))
    }
}

extension Cause {
    /// Stands before every event: nothing was considered.
    static let never = Cause(
        position: .start,
        occurred: Instant(milliseconds: 0),
        recorded: Instant(milliseconds: 0)
    )
}
