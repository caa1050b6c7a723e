public import Domain
import Journal
import Ledger
import Projection

/// In what two settings would have had different outcomes.
public struct ReplayComparison: Hashable, Sendable {
    /// One field of one record that would be different.
    public struct Difference: Hashable, Sendable {
        /// What the record stands for.
        public var subject: RecordSubject
        /// The field.
        public var field: FieldName
        /// What the other settings call for; nil for nothing.
        public var before: WishedValue?
        /// What these settings call for; nil for nothing.
        public var after: WishedValue?
        /// Whether the values come from a person.
        public var isPersonal: Bool
        /// The event behind it.
        public var cause: Cause
    }

    /// How often a field would appear, change or disappear.
    public struct Count: Hashable, Sendable {
        /// It would have a value, and had none.
        public var appears = 0
        /// It would have another value.
        public var changes = 0
        /// It would have none, and had one.
        public var disappears = 0
    }

    /// How many appointments were read.
    public private(set) var appointments = 0
    /// How many records would be different.
    public private(set) var records = 0
    /// The differences, by subject and field: of many only the beginning.
    public private(set) var differences: [Difference] = []
    /// How often each field would be different.
    public private(set) var counts: [FieldName: Count] = [:]

    /// How many differences are kept.
    static let mostShown = 1_000

    /// Whether both settings have the same outcome.
    public var isEmpty: Bool { counts.isEmpty }

    mutating func add(_ new: DesiredState, against old: DesiredState) {
        appointments += Set(new.bookers.keys).union(old.bookers.keys).count
        let (new, old) = (new.outcomes, old.outcomes)
        for subject in Set(new.keys).union(old.keys).sorted() {
            let (mine, theirs) = (new[subject] ?? [:], old[subject] ?? [:])
            let fields = Set(mine.keys).union(theirs.keys).sorted()
            let moved = fields.filter { mine[$0]?.value != theirs[$0]?.value }
            records += moved.isEmpty ? 0 : 1
            for field in moved { add(subject, field, theirs[field], mine[field]) }
        }
    }

    private mutating func add(
        _ subject: RecordSubject,
        _ field: FieldName,
        _ before: Assertion?,
        _ after: Assertion?
    ) {
        switch (before, after) {
        case (nil, _): counts[field, default: Count()].appears += 1
        case (_, nil): counts[field, default: Count()].disappears += 1
        default: counts[field, default: Count()].changes += 1
        }
        guard differences.count < Self.mostShown, let either = after ?? before else { return }
        differences.append(
            Difference(
                subject: subject,
                field: field,
                before: before?.value,
                after: after?.value,
                isPersonal: (before?.isPersonal ?? false) || (after?.isPersonal ?? false),
                cause: either.cause
            )
        )
    }
}

extension DesiredState {
    /// What is called for: by subject and field the newest assertion.
    fileprivate var outcomes: [RecordSubject: [FieldName: Assertion]] {
        var outcomes: [RecordSubject: [FieldName: Assertion]] = [:]
        for event in events where event.existence != .removed {
            outcomes[.event(event.appointment.root)] = newest(
                event.fields + [event.attendees].compactMap { $0 }
            )
        }
        for person in people.values where !plannedEarlier.contains(person.key.person) {
            outcomes[.person(person.key)] = newest(person.fields, person.owner)
        }
        for account in accounts {
            outcomes[.account(account.key.person)] = newest(account.fields, account.owner)
        }
        for fallback in fallbacks where fallback.existence != .removed {
            outcomes[fallback.subject] = newest(fallback.fields)
        }
        return outcomes
    }

    private func newest(
        _ fields: [DesiredField],
        _ owner: DesiredOwner? = nil
    ) -> [FieldName: Assertion] {
        let newest = fields.map { ($0.field, $0.assertions[$0.assertions.count - 1]) }
        let changed = owner?.assertion.map { ("OwnerId" as FieldName, $0) }
        return Dictionary(
            newest + [changed].compactMap { $0 },
            uniquingKeysWith: { first, _ in first }
        )
    }
}

extension DesiredOwner {
    /// The change of owner as the assertion of a field; nil where nobody is known to get the record.
    fileprivate var assertion: Assertion? {
        let named = namedUser.map { WishedValue.value(.text($0)) }
        guard let value = named ?? organizer.map(WishedValue.user) else { return nil }
        return Assertion(
            value: value,
            cause: cause,
            version: version,
            rule: rule,
            policy: .always,
            isLive: isLive,
            isPersonal: false
        )
    }
}

extension Synchronizer {
    /// Reads a part of history by two settings, and tells in what their outcomes differ.
    ///
    /// Asks Salesforce nothing. Walks history in windows, like ``replay(_:keepsAll:)``.
    ///
    /// - Parameters:
    ///   - request: The settings, and which part of history.
    ///   - other: The settings to compare with.
    /// - Returns: The differences.
    /// - Throws: ``ReplayError`` or ``LedgerError``.
    public func compare(
        _ request: ReplayRequest,
        against other: ReplayRequest.Settings
    ) async throws -> ReplayComparison {
        let revisions = try await journal.settingsRevisions()
        var theirs = request
        theirs.settings = other
        // A field has to be named by one of the two.
        theirs.fields = []
        var old = try Replay(theirs, revisions, now: now())
        var new = try Replay(request, revisions, now: now())
        var (comparison, included) = (ReplayComparison(), 0)
        let (before, after) = (old.timeline(revisions), new.timeline(revisions))
        new.alsoNamed = { AppointmentProjector.project($0, settings: before).people }
        old.alsoNamed = { AppointmentProjector.project($0, settings: after).people }
        let head = LedgerPosition(try await journal.head().position)
        var walk = HistoryWalk(journal: journal, since: request.since, limit: options.replayWindow)
        while let window = try await walk.next() {
            // Nothing behind the window is taken along: both settings have to see the same.
            new.window = ReplayWindow(window, room: 0, head: head)
            old.window = new.window
            options.progress("Comparing: \(walk.done) appointments so far")
            let mine = try await DesiredState.derive(window, from: journal, as: new)
            var other = try await DesiredState.derive(window, from: journal, as: old)
            other.narrow(to: request.fields)
            comparison.add(mine, against: other)
            included += mine.included
        }
        try request.checkHistory(included)
        return comparison
    }
}
