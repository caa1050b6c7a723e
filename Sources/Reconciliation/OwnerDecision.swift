import Domain

/// Decides whether a record changes hands.
///
/// The guard compares exactly: the name, address or id of the current owner has to be one of those
/// that the settings list. Every booking asks once; what a replay was not allowed to change is asked
/// again once a plan is told to overwrite.
struct OwnerDecision {
    static let field: FieldName = "OwnerId"

    let planner: Planner

    func decide(_ wish: DesiredOwner, on record: ObservedRecord) -> PlannedField {
        let live = record.value(Self.field)
        var planned = PlannedField(
            field: Self.field,
            outcome: .hold,
            reason: .noActiveUser,
            live: live,
            desired: nil,
            cause: wish.cause,
            version: wish.version,
            rule: wish.rule,
            isPersonal: false
        )
        guard let target = target(wish) else {
            planned.detail = "there is no active user to take the record over"
            return planned
        }
        planned.desired = .value(.reference(target))
        (planned.outcome, planned.reason) = verdict(wish, target, live, record)
        if planned.reason == .ownerGuardFailed {
            let setting = wish.rule.split(separator: "/").last ?? "ownerChange"
            planned.detail = "the owner is none of those named in '\(setting).onlyIfOwnedBy'"
        }
        return planned
    }

    private func target(_ wish: DesiredOwner) -> SalesforceID? {
        if let name = wish.namedUser { return planner.input.directory.namedUsers[name]?.id }
        return wish.organizer.flatMap(planner.input.directory.activeUser)?.id
    }

    private func verdict(
        _ wish: DesiredOwner,
        _ target: SalesforceID,
        _ live: FieldValue,
        _ record: ObservedRecord
    ) -> (PlannedField.Outcome, Reason) {
        let isThere = live == .reference(target)
        let claim = planner.input.claims[record.id]?[Self.field]
        if let claim, claim.considered >= wish.cause, !isAskedAgain(wish, after: claim) {
            return (.unchanged, isThere ? .agreed : claim.outcome)
        }
        if isThere { return (.adopt, .agreed) }
        guard wish.isLive || planner.input.replayOverwrites else { return (.hold, .replayHeld) }
        let names = [
            record.text(Self.field), record.related["Owner.Name"], record.related["Owner.Email"],
        ]
        let isListed = names.compactMap { $0 }.contains { wish.onlyIfOwnedBy.contains($0) }
        return isListed ? (.write, .ownerGuardPassed) : (.hold, .ownerGuardFailed)
    }

    /// Whether the wish was held back only because it comes from a replay, and may overwrite now.
    private func isAskedAgain(_ wish: DesiredOwner, after claim: Claim) -> Bool {
        claim.outcome == .replayHeld && !wish.isLive && planner.input.replayOverwrites
    }
}
