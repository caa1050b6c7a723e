public import Domain

/// What was fetched from Salesforce for one plan, arranged for look-ups.
public struct Directory: Sendable {
    /// Contacts by address.
    public var contacts: [EmailAddress: [ObservedRecord]] = [:]
    /// Leads by address, converted ones included.
    public var leads: [EmailAddress: [ObservedRecord]] = [:]
    /// Records fetched by id.
    public var records: [SalesforceID: ObservedRecord] = [:]
    /// The ids that were asked for: one that is missing from ``records`` cannot be seen.
    public var asked: Set<SalesforceID> = []
    /// Records that are in the recycle bin.
    public var deleted: Set<SalesforceID> = []
    /// When those were deleted.
    public var deletions: [SalesforceID: Instant] = [:]
    /// The record that stayed, for each one that was merged into another.
    public var merged: [SalesforceID: SalesforceID] = [:]
    /// Accounts by the host of their website.
    public var accountsByHost: [String: [ObservedRecord]] = [:]
    /// How many contacts with an address of a domain each account has.
    public var accountsByDomain: [String: [SalesforceID: Int]] = [:]
    /// Accounts by the base of their website's host: `acme` for `www.acme.co.uk`.
    public var accountsByBase: [String: [ObservedRecord]] = [:]
    /// How many children, opportunities or contacts accounts have, as far as it was asked.
    public var accountCounts: [TieBreaker: [SalesforceID: Int]] = [:]
    /// Users by address, inactive ones included.
    public var users: [EmailAddress: [ObservedRecord]] = [:]
    /// Users that settings name, by the name used there.
    public var namedUsers: [String: ObservedRecord] = [:]
    /// Records that may tell of bookings nobody was routed to, found again after an answer was lost;
    /// those that somebody deleted come last.
    ///
    /// Without our key the same ones may stand under several bookings.
    public var fallbacks: [RecordSubject: [ObservedRecord]] = [:]
    /// People's records that we made since an answer was lost, by address, deleted ones too.
    public var made: [EmailAddress: [ObservedRecord]] = [:]
    /// Event records by Daybook's key.
    public var eventsByKey: [String: ObservedRecord] = [:]

    /// Creates an empty directory.
    public init() {}

    /// The active user with an address: a standard user before others, the first created of several.
    public func activeUser(_ email: EmailAddress) -> ObservedRecord? {
        (users[email] ?? []).filter { $0.value("IsActive") == .flag(true) }
            .min { rank($0) < rank($1) }
    }

    private func rank(_ user: ObservedRecord) -> (Int, SalesforceID) {
        (user.text("UserType") == "Standard" ? 0 : 1, user.id)
    }
}

/// Chooses among records that all fit, the same one every time.
public enum Choice {
    /// The chosen record and all ids with the chosen one first; nil for none.
    public static func pick(
        _ records: [ObservedRecord],
        _ ambiguity: SyncSettings.Ambiguity
    ) -> (first: ObservedRecord, all: [SalesforceID])? {
        let ordered = records.sorted { left, right in
            let (a, b) = ambiguity == .newest ? (right, left) : (left, right)
            return (a.created?.milliseconds ?? .max, a.id) < (b.created?.milliseconds ?? .max, b.id)
        }
        return ordered.first.map { ($0, ordered.map(\.id)) }
    }
}

/// Finds the record of a person, never by counting.
///
/// | mode                  | looked up, in this order                                  | else created |
/// |-----------------------|-----------------------------------------------------------|--------------|
/// | contact               | link, contacts                                            | contact, unless switched off |
/// | lead                  | link, contacts if asked for, open leads, converted leads' contacts | contact under the account if asked for and found, else lead |
/// | contact under account | link, contacts with an account, other contacts, and open leads if leads may be created | contact under the account if asked for, or a lead without account if asked for |
/// | only forms            | link, contacts, open leads, converted leads' contacts     | nothing      |
///
/// The link is that of the mode: what forms found says nothing of the record that bookings use.
enum PersonMatcher {
    /// What was found.
    enum Match: Equatable {
        case found(ObservedRecord, candidates: [SalesforceID])
        case create(ObjectName, account: SalesforceID?)
        case hold(Reason, candidates: [SalesforceID])
    }

    static func match(
        _ person: DesiredPersonRecord,
        link: RecordLink?,
        _ directory: Directory
    ) -> Match {
        let fate = link.map { Fate(of: $0.record, in: directory) } ?? .unknown
        if case .present(let linked, _) = fate {
            return .found(linked, candidates: [linked.id])
        }
        let lookUp = person.lookUp
        for group in groups(person, directory) {
            guard let chosen = Choice.pick(group, lookUp.onAmbiguous) else { continue }
            if group.count > 1, lookUp.onAmbiguous == .review {
                return .hold(.ambiguous, candidates: chosen.all)
            }
            return .found(chosen.first, candidates: chosen.all)
        }
        if let link, let reason = fate.reasonToHold(link.state),
            !person.returns(link, in: directory)
        {
            return .hold(reason, candidates: [link.record])
        }
        return creation(person, directory)
    }

    /// The records that fit, in groups: one of the first group that is not empty is taken.
    private static func groups(
        _ person: DesiredPersonRecord,
        _ directory: Directory
    ) -> [[ObservedRecord]] {
        let contacts = (directory.contacts[person.email] ?? []).withoutPersonAccounts
        let leads = directory.leads[person.email] ?? []
        let open = leads.filter { $0.value("IsConverted") != .flag(true) }
        let converted = leads.filter { $0.value("IsConverted") == .flag(true) }
            .compactMap { $0.reference("ConvertedContactId") }
            .compactMap { Fate(of: $0, in: directory).record }
        if person.lookUp.takesAnyRecord { return [contacts, open, converted] }
        switch person.lookUp.policy {
        case .contact:
            return [contacts]
        case .lead:
            let first = person.lookUp.checkForExistingContact ? [contacts] : []
            let under =
                person.lookUp.createContactUnderAccount
                ? [contacts.filter { $0.reference("AccountId") != nil }] : []
            return first + [open, converted] + under
        case .contactUnderAccount:
            let under = contacts.filter { $0.reference("AccountId") != nil }
            let leads = person.lookUp.createLeadIfNoAccount ? [open, converted] : []
            return [under, contacts] + leads
        }
    }

    private static func creation(_ person: DesiredPersonRecord, _ directory: Directory) -> Match {
        let lookUp = person.lookUp
        let undecided = AccountResolver.undecided(person.account, directory)
        // Neither under one of several accounts nor as somebody who belongs to none.
        if lookUp.needsAccount, !undecided.isEmpty {
            return .hold(.accountAmbiguous, candidates: undecided)
        }
        let account =
            lookUp.needsAccount
            ? AccountResolver.resolve(person.account, directory)?.account : nil
        switch lookUp.policy {
        case .contact:
            return lookUp.skipContactCreation
                ? .hold(.creationOff, candidates: []) : .create(.contact, account: nil)
        case .lead:
            if let account, lookUp.createContactUnderAccount {
                return .create(.contact, account: account)
            }
            return .create(.lead, account: nil)
        case .contactUnderAccount:
            if let account {
                return lookUp.createContactUnderAccount
                    ? .create(.contact, account: account) : .hold(.creationOff, candidates: [])
            }
            return lookUp.createLeadIfNoAccount
                ? .create(.lead, account: nil) : .hold(.noAccount, candidates: [])
        }
    }
}

extension Directory {
    /// Whether the record found for a person is a contact without the account that settings ask for.
    public func lacksAccount(_ person: DesiredPersonRecord, linked link: RecordLink?) -> Bool {
        guard person.lookUp.needsAccount,
            case .found(let record, _) = PersonMatcher.match(person, link: link, self)
        else { return false }
        return person.wantsAccount(for: record)
    }
}

extension DesiredPersonRecord {
    /// Whether settings ask for the account of a record: a contact without one, for whose account no
    /// rule speaks.
    func wantsAccount(for record: ObservedRecord) -> Bool {
        lookUp.needsAccount && lookUp.createContactUnderAccount && record.object == .contact
            && record.reference("AccountId") == nil
            && !fields.contains { $0.field == "AccountId" }
    }
}

extension Fate {
    /// Why a record that is missing is not made again; nil if nothing stands against it.
    ///
    /// People delete records for a reason, and one that is only hidden would be made twice. What was
    /// seen in the recycle bin before was deleted, even when it has left that since.
    func reasonToHold(_ state: RecordLink.State) -> Reason? {
        switch self {
        case .present: nil
        case .deleted: .deletedByOther
        case .vanished: state == .live ? .notVisible : .deletedByOther
        case .unknown: state == .deletedByOther ? .deletedByOther : nil
        }
    }
}

extension RecordLink {
    /// Whether somebody else deleted the record certainly before an event.
    ///
    /// | the record                                | certain if                                     |
    /// |-------------------------------------------|------------------------------------------------|
    /// | in the recycle bin                        | the event happened after it was deleted        |
    /// | gone from there, and seen in it before    | the ledger learned of the event after that     |
    /// | not shown, and never seen there           | never: it may only be hidden                   |
    func wasDeleted(before cause: Cause, in directory: Directory) -> Bool {
        if let deletion = directory.deletions[record] { return deletion < cause.occurred }
        guard directory.merged[record] == nil, !directory.deleted.contains(record),
            let deletionNoted
        else { return false }
        return deletionNoted < cause.position
    }
}

extension RecordLink {
    /// Whether somebody else is known to have deleted the record.
    func isKnownDeleted(in directory: Directory) -> Bool {
        deletionNoted != nil || directory.deletions[record] != nil
    }
}

extension DesiredPersonRecord {
    /// Whether the person's record is made again, although somebody deleted it.
    fileprivate func returns(_ link: RecordLink, in directory: Directory) -> Bool {
        existence == .required && lookUp.onDeleted == .makeAgain
            && link.wasDeleted(before: cause, in: directory)
    }
}

extension DesiredEventRecord {
    /// Whether the event record is made again, although somebody deleted it.
    ///
    /// A booking, a reschedule or another attendee asks for it; a no-show or a new title does not.
    func returns(_ link: RecordLink, in directory: Directory) -> Bool {
        let newest = max(cause, attendees?.newest.cause ?? cause)
        return existence == .required && onDeleted == .makeAgain
            && link.wasDeleted(before: newest, in: directory)
    }
}

extension ObservedRecord {
    /// Whether it is the contact side of a person account.
    public var isPersonAccount: Bool { value("IsPersonAccount") == .flag(true) }
}

extension [ObservedRecord] {
    /// The plain contacts; the person accounts if there is nothing else.
    fileprivate var withoutPersonAccounts: Self {
        let plain = filter { !$0.isPersonAccount }
        return plain.isEmpty ? self : plain
    }
}
