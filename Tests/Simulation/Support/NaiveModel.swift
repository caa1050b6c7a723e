import Domain

/// What was told to the ledger, in the order in which it was acknowledged.
struct Told {
    var fact: SimulatedFact
    /// When Cal.com said that it happened, in the delivery that came first.
    var occurred: Instant
    /// 0, 1, 2, … as acknowledged.
    var number: Int
    /// When it was acknowledged.
    var acknowledged: Instant
    /// Where the ledger has it.
    var position: Int64
}

/// A version of the settings as the model knows it.
struct Accepted {
    /// The settings; nil where they were removed.
    var settings: SimulatedSettings?
    /// Whose bookings it is for.
    var scope: SettingsScope
    /// How many facts had been acknowledged before.
    var after: Int
    /// To what it applies.
    var validity: SettingsValidity

    /// Whether it says anything of what was acknowledged before it.
    var isRetroactive: Bool { validity != .fromNow }

    /// Whether it was there when something was acknowledged.
    func precedes(_ told: Told) -> Bool { after <= told.number }

    /// Whether it interprets something, unless a later version does.
    func applies(to told: Told) -> Bool {
        switch validity {
        case .fromNow: precedes(told)
        case .from(let moment): moment <= told.occurred
        case .allHistory: true
        }
    }

    /// Whether it answers a question of a moment after it was accepted, unless a later version does.
    func applies(at moment: Instant) -> Bool {
        if case .from(let first) = validity { first <= moment } else { true }
    }
}

/// The erasure of a person.
struct Erased {
    var email: String
    /// How many facts had been acknowledged before.
    var after: Int
    var time: Instant
}

/// What the org must show, worked out from the documentation alone: plain loops over all that was
/// told, written apart from the product's projectors, which it must agree with.
struct NaiveModel {
    /// A value the org must show.
    struct Wish {
        var value: JSON
        /// When the fact behind it happened.
        var since: Instant
        /// Whether the settings behind it were there before the fact.
        var isLive: Bool
        /// The number of the fact.
        var number: Int
    }

    /// What an appointment calls for.
    struct Meeting {
        var uids: [String]
        var status = Status.unknown
        /// Whether its settings delete a cancelled meeting's event record.
        var isDeletedWhenOver = true
        var wasBooked = false
        /// Whether anybody was erased of whom something was said: what it is called, where it takes
        /// place and who attends may be gone.
        var isForgotten = false
        var booking: SimulatedBooking?
        var fields: [String: Wish] = [:]
        /// The attendees to relate, the booker first.
        var related: [String] = []
        /// Who has a seat, and which; the seat is not always known.
        var sitters: [Sitter] = []
        /// The booking of which a record has to tell that no owner was found.
        var missed: String?
        /// Whether none is wanted where the host owns the account.
        var isSpared = false
        /// Whether its settings make its event record again where somebody deleted it.
        var isMadeAgain = false
        /// When its status was last decided, and when others came to attend: what is newer than a
        /// deletion asks for the record again.
        var decided: Instant?
        var gathered: Instant?
        var marks: [String: Bool] = [:]
        /// When the last mark was made.
        var marked: Instant?

        var root: String { uids[0] }

        struct Sitter {
            var email: String
            var seat: String?
            var isForgotten: Bool
        }
    }

    enum Status {
        case unknown
        case waiting
        case booked
        case over
    }

    private let told: [Told]
    private let settings: [Accepted]
    private let erased: [Erased]

    init(_ told: [Told], _ settings: [Accepted], _ erased: [Erased]) {
        (self.settings, self.erased) = (settings, erased)
        self.told = told.map { fact in
            var known = fact
            known.fact.booking.forgotten = Self.forgotten(by: erased, in: fact, told)
            return known
        }
    }

    /// The settings that interpret a fact, and whether all that says so was there before it.
    private func interpretation(of told: Told) -> (SimulatedSettings, isLive: Bool)? {
        Self.interpretation(of: told, settings[...])
    }

    private static func interpretation(
        of told: Told,
        _ settings: ArraySlice<Accepted>
    ) -> (SimulatedSettings, isLive: Bool)? {
        var isLive = true
        for scope in told.fact.scopes {
            let own = settings.last { $0.scope == scope && $0.applies(to: told) }
            guard let own else { continue }
            if !own.precedes(told) { isLive = false }
            if let settings = own.settings { return (settings, isLive) }
        }
        return nil
    }

    /// Every interpretation that a fact ever had.
    private func interpretations(of told: Told) -> [(SimulatedSettings, isLive: Bool)] {
        let first = settings.count { $0.precedes(told) }
        return (first...settings.count).compactMap {
            Self.interpretation(of: told, settings.prefix($0))
        }
    }

    // MARK: Appointments

    /// The bookings that are one appointment, each in order.
    private var chains: [[String]] {
        var predecessor: [String: String] = [:]
        var uids: [String] = []
        for told in told where !told.fact.kind.isForm {
            let uid = told.fact.booking.uid
            if let old = told.fact.predecessor {
                predecessor[uid] = old
                uids.append(old)
            }
            if let new = told.fact.read?.successor {
                predecessor[new] = uid
                uids.append(new)
            }
            uids.append(uid)
        }
        let successors = Dictionary(uniqueKeysWithValues: predecessor.map { ($1, $0) })
        return Set(uids).filter { predecessor[$0] == nil }.sorted().map { root in
            var chain = [root]
            while let next = successors[chain[chain.count - 1]] { chain.append(next) }
            return chain
        }
    }

    var meetings: [Meeting] {
        chains.map { chain in
            var meeting = Meeting(uids: chain)
            for told in ordered(chain) { take(told, into: &meeting) }
            return meeting
        }
    }

    /// What is said of an appointment, in the order in which it counts.
    private func ordered(_ chain: [String]) -> [Told] {
        let reaching = told.filter { concerns($0, chain) || isReached(chain, by: $0) }
        return reaching.sorted { left, right in
            let (first, second) = (place(left, chain), place(right, chain))
            return (first, left.occurred, left.number) < (second, right.occurred, right.number)
        }
    }

    /// Whether an appointment was confirmed for the first time: how its host was chosen then counts.
    private func isFirstConfirmation(_ told: Told) -> Bool {
        guard case .created = told.fact.kind, told.fact.read == nil,
            let chain = chains.first(where: { $0.contains(told.fact.booking.uid) })
        else { return false }
        let confirmations = self.told.filter { other in
            guard case .created = other.fact.kind, other.fact.read == nil else { return false }
            return chain.contains(other.fact.booking.uid)
        }
        let first = confirmations.min { left, right in
            let (first, second) = (place(left, chain), place(right, chain))
            return (first, left.occurred, left.number) < (second, right.occurred, right.number)
        }
        return first?.number == told.number
    }

    // MARK: Series

    /// Whether the cancellation of a series named another booking, and this one is of that series.
    ///
    /// Nothing names a series: its bookings have event type, booker and pattern in common, and are
    /// made within two minutes. Where it is not known when both were made, a booking made before counts.
    private func isReached(_ chain: [String], by cancellation: Told) -> Bool {
        let named = cancellation.fact.booking
        guard case .seriesCancelled = cancellation.fact.kind, !chain.contains(named.uid) else {
            return false
        }
        let own = told.filter { chain.contains($0.fact.booking.uid) }
        let isAlike = own.contains { told in
            told.fact.showsPattern && told.fact.booking.occurrences == named.occurrences
                && told.fact.booking.booker.email == named.booker.email
                && told.fact.booking.eventType == named.eventType
        }
        guard isAlike else { return false }
        if let first = made(chain[0]), let other = made(named.uid) {
            return abs(first.milliseconds - other.milliseconds) <= 120_000
        }
        return chain.compactMap(made).min().map { $0 < cancellation.occurred } ?? true
    }

    /// When a booking was made, as far as anything told it.
    ///
    /// Cal.com's list shows it with a whole booking, and nothing of it with a seat that is news.
    private func made(_ uid: String) -> Instant? {
        told.filter { $0.fact.booking.uid == uid }.compactMap { told in
            guard told.fact.read == nil else { return told.fact.booking.made }
            switch told.fact.kind {
            case .requested, .requestedAnew, .created, .rescheduled: return told.occurred
            default: return nil
            }
        }.min()
    }

    /// When an appointment was to begin, as it was told first.
    private func firstStart(of chain: [String]) -> Instant? {
        let own = told.filter { told in
            guard !told.fact.kind.isAttendance else { return false }
            return chain.contains(told.fact.booking.uid)
        }
        let first = own.min { left, right in
            let (first, second) = (place(left, chain), place(right, chain))
            return (first, left.occurred, left.number) < (second, right.occurred, right.number)
        }
        return first?.fact.booking.start
    }

    /// Whether something is about an appointment: a seat that moved is about both sides.
    private func concerns(_ told: Told, _ chain: [String]) -> Bool {
        if case .seatMoved(let old) = told.fact.kind, chain.contains(old) { return true }
        return chain.contains(told.fact.booking.uid)
    }

    private func place(_ told: Told, _ chain: [String]) -> Int {
        if case .seriesCancelled = told.fact.kind {
            return chain.firstIndex(of: told.fact.booking.uid) ?? chain.count - 1
        }
        return chain.firstIndex(of: told.fact.booking.uid) ?? 0
    }

    private func take(_ told: Told, into meeting: inout Meeting) {
        let (fact, booking) = (told.fact, told.fact.booking)
        let wasBooked = meeting.status == .booked
        if !booking.forgotten.isEmpty { meeting.isForgotten = true }
        switch fact.kind {
        case .requested:
            meeting.booking = booking
            if meeting.status != .booked { meeting.status = .waiting }
        case .requestedAnew:
            meeting.booking = booking
            meeting.status = .waiting
        case .created, .rescheduled, .movedInPlace:
            remember(booking, in: &meeting)
            sit(booking, in: &meeting)
            meeting.status = .booked
        case .reassigned, .relocated:
            // Said of a booking of which nothing else was told: it is to take place.
            let isNew = meeting.booking?.uid != booking.uid || meeting.status == .unknown
            remember(booking, in: &meeting)
            if isNew { meeting.status = .booked }
            meeting.wasBooked = true
        case .noShow(let mark):
            meeting.marks[booking.booker.email] = mark
            meeting.marked = told.occurred
        case .guestsAbsent:
            for email in booking.emails { meeting.marks[email] = true }
            meeting.marked = told.occurred
        case .hostAbsent: break
        case .seatCancelled:
            meeting.booking = meeting.booking ?? booking
            leave(booking, in: &meeting)
            if meeting.sitters.isEmpty { meeting.status = .over }
        case .paymentStarted, .paid: meeting.booking = meeting.booking ?? booking
        case .started, .ended:
            // Said of a booking of which nothing else was told: it did take place.
            if meeting.booking?.uid != booking.uid || meeting.status == .unknown {
                meeting.booking = booking
                meeting.status = .booked
            }
            meeting.wasBooked = true
        case .formAnswered, .formAbandoned, .linked: return
        case .seriesCancelled:
            let isNamed = meeting.uids.contains(booking.uid)
            // What was given up before is not given up once more with the rest of its series.
            if !isNamed, meeting.status == .over { return }
            let start = meeting.booking?.start ?? firstStart(of: meeting.uids)
            if !isNamed, let start, start < booking.start { return }
            meet(booking, in: &meeting)
            meeting.status = .over
        case .seatMoved(let old):
            moveSeat(booking, from: old, &meeting)
        case .rescheduleRequested:
            meet(booking, in: &meeting)
            meeting.status = .waiting
        case .cancelled, .rejected:
            meet(booking, in: &meeting)
            meeting.status = .over
        }
        if meeting.status == .booked { meeting.wasBooked = true }
        // Whoever takes a seat along says nothing of the meeting that goes on without.
        if fact.kind.decides, meeting.uids.contains(booking.uid) {
            meeting.decided = told.occurred
        }
        guard let (settings, isLive) = interpretation(of: told) else { return }
        meeting.isDeletedWhenOver = !settings.keepsCancelled
        meeting.isMadeAgain = settings.makesAgain
        if fact.kind.isBooking, meeting.uids.contains(booking.uid) {
            for (field, _) in SimulatedSettings.eventPolicies {
                meeting.fields[field] = Wish(
                    value: .string(booking.uid),
                    since: told.occurred,
                    isLive: isLive,
                    number: told.number
                )
            }
        }
        if booking.routing == .missed, settings.tellsMisses, isFirstConfirmation(told) {
            (meeting.missed, meeting.isSpared) = (booking.uid, settings.sparesOwners)
        }
        let isEnd = fact.kind.isCancellation || fact.kind.isSeatMove && wasBooked
        if isEnd, meeting.status == .over, settings.cancelled == .marked {
            meeting.fields["Status__c"] = Wish(
                value: "Cancelled",
                since: told.occurred,
                isLive: isLive,
                number: told.number
            )
        }
        if meeting.status == .booked { show(told, settings, isLive, &meeting) }
    }

    /// The standard fields, each since the fact with which its value changed.
    private func show(
        _ told: Told,
        _ settings: SimulatedSettings,
        _ isLive: Bool,
        _ meeting: inout Meeting
    ) {
        guard let booking = meeting.booking else { return }
        func wish(_ field: String, _ value: JSON, since: Instant? = nil) {
            guard meeting.fields[field]?.value != value else { return }
            meeting.fields[field] = Wish(
                value: value,
                since: since ?? told.occurred,
                isLive: isLive,
                number: told.number
            )
        }
        wish("Subject", .string(booking.title))
        wish("StartDateTime", .string(booking.start.rfc3339))
        wish("EndDateTime", .string(booking.end.rfc3339))
        wish("Location", .string(booking.room ?? booking.videoURL))
        wish("OwnerId", .string(booking.host.email))
        let guests = settings.ignoresGuests ? [] : booking.guests
        let bookers = booking.isSeated ? meeting.sitters.map(\.email) : [booking.booker.email]
        if settings.marksNoShow, let since = meeting.marked, !bookers.isEmpty {
            wish(
                "No_Show__c",
                .bool(bookers.allSatisfy { meeting.marks[$0] ?? false }),
                since: since
            )
        }
        let known =
            (booking.isSeated
                ? meeting.sitters.filter { !$0.isForgotten }.map(\.email) : [booking.booker.email])
            + guests.map(\.email)
        let before = meeting.related
        meeting.related = []
        for email in known.filter({ booking.isSeated || !booking.forgotten.contains($0) })
        where !meeting.related.contains(email) {
            meeting.related.append(email)
        }
        if meeting.related != before { meeting.gathered = told.occurred }
    }

    // MARK: Erased people

    /// Those whom a fact names and who were erased: after it, or before what came late of a booking
    /// in which they took part.
    private static func forgotten(
        by erasures: [Erased],
        in told: Told,
        _ all: [Told]
    ) -> Set<String> {
        let booking = told.fact.booking
        let names = told.fact.named
        return Set(
            names.filter { email in
                erasures.contains { erasure in
                    erasure.email == email
                        && (told.number < erasure.after
                            || leftBehind(by: erasure, in: all.prefix(told.number + 1))
                                .contains(booking.uid))
                }
            }
        )
    }

    /// The bookings in which an erased person took part before, and those from which or to which the
    /// person moved a seat there.
    private static func leftBehind(
        by erasure: Erased,
        in told: some Sequence<Told>
    ) -> Set<String> {
        var uids: Set<String> = []
        for told in told where !told.fact.kind.isForm && !told.fact.kind.isAttendance {
            let booking = told.fact.booking
            guard booking.emails.contains(erasure.email) else { continue }
            let isBefore = told.number < erasure.after
            if case .seatMoved(let old) = told.fact.kind {
                let sides: Set = [old, booking.uid]
                if isBefore || !uids.isDisjoint(with: sides) { uids.formUnion(sides) }
            } else if isBefore {
                uids.insert(booking.uid)
            }
        }
        return uids
    }

    /// When a person was erased last; nil for somebody who never was.
    func erasure(of email: String) -> Instant? {
        erased.filter { $0.email == email }.map(\.time).max()
    }

    /// Whether a person was erased between two moments, or at any time before one.
    func wasErased(_ email: String, after first: Instant? = nil, until last: Instant) -> Bool {
        erased.contains { erasure in
            erasure.email == email && erasure.time <= last
                && first.map { $0 <= erasure.time } ?? true
        }
    }

    /// Whether a person was named anew after an erasure and up to a moment.
    func isKnownAnew(_ email: String, until moment: Instant) -> Bool {
        told.contains { told in
            told.fact.booking.emails.contains(email) && told.acknowledged <= moment
                && !told.fact.booking.forgotten.contains(email)
        }
    }

    // MARK: Seats

    /// Takes over what a delivery shows; a meeting in which people have seats keeps its first title.
    private func remember(_ booking: SimulatedBooking, in meeting: inout Meeting) {
        let title = meeting.booking?.title
        meeting.booking = booking
        if booking.isSeated, let title { meeting.booking?.title = title }
    }

    /// Takes over a booking of which nothing else was told.
    private func meet(_ booking: SimulatedBooking, in meeting: inout Meeting) {
        guard let known = meeting.booking else {
            meeting.booking = booking
            return
        }
        if known.uid != booking.uid, meeting.uids.contains(booking.uid) {
            remember(booking, in: &meeting)
        }
    }

    private func sit(_ booking: SimulatedBooking, in meeting: inout Meeting) {
        guard booking.isSeated else { return }
        let own = meeting.sitters.firstIndex { sitter in
            sitter.seat == nil || booking.seat == nil
                ? isBooker(sitter, of: booking) : sitter.seat == booking.seat
        }
        let email = booking.booker.email
        let isForgotten = booking.forgotten.contains(email)
        // A delivery that names no seat takes none away.
        let seat = booking.seat ?? own.flatMap { meeting.sitters[$0].seat }
        let sitter = Meeting.Sitter(email: email, seat: seat, isForgotten: isForgotten)
        if let own { meeting.sitters[own] = sitter } else { meeting.sitters.append(sitter) }
    }

    /// Takes a seat away; nothing but the seat tells that somebody is who was erased before.
    private func leave(_ booking: SimulatedBooking, in meeting: inout Meeting) {
        let isSeatKnown = meeting.sitters.contains { $0.seat != nil && $0.seat == booking.seat }
        meeting.sitters.removeAll { sitter in
            isSeatKnown ? sitter.seat == booking.seat : isBooker(sitter, of: booking)
        }
    }

    /// Whether the booker has the seat: somebody who was erased is nobody who is named anew.
    private func isBooker(_ sitter: Meeting.Sitter, of booking: SimulatedBooking) -> Bool {
        let email = booking.booker.email
        return sitter.email == email && sitter.isForgotten == booking.forgotten.contains(email)
    }

    /// Moving a seat ends the meeting that nobody is left in, and nothing else of it.
    private func moveSeat(
        _ booking: SimulatedBooking,
        from old: String,
        _ meeting: inout Meeting
    ) {
        if meeting.uids.contains(old) {
            leave(booking, in: &meeting)
            if meeting.sitters.isEmpty, meeting.status == .booked { meeting.status = .over }
        }
        if meeting.uids.contains(booking.uid) {
            remember(booking, in: &meeting)
            sit(booking, in: &meeting)
            meeting.status = .booked
        }
    }

    // MARK: People

    /// What stands for the owner of a person's account, among the person's fields.
    static let accountOwner = "Account.OwnerId"

    /// What every booking of a person says of a field, oldest first.
    func wishes(of email: String, _ field: String) -> [Wish] {
        said(by: email).compactMap { told in
            interpretation(of: told).flatMap { wish(of: field, told, $0, isLive: $1) }
        }
    }

    /// What bookings of a person ever said of a field, by whichever settings.
    func formerWishes(of email: String, _ field: String) -> [Wish] {
        said(by: email).flatMap { told in
            interpretations(of: told).compactMap { wish(of: field, told, $0, isLive: $1) }
        }
    }

    private func wish(
        of field: String,
        _ told: Told,
        _ settings: SimulatedSettings,
        isLive: Bool
    ) -> Wish? {
        value(of: field, told, settings).map {
            Wish(value: $0, since: told.occurred, isLive: isLive, number: told.number)
        }
    }

    /// Everything that is said of a person as the booker, oldest first.
    private func said(by email: String) -> [Told] {
        told.filter { told in
            isOf(email, told) && !told.fact.booking.forgotten.contains(email)
        }
        .sorted { ($0.occurred, $0.number) < ($1.occurred, $1.number) }
    }

    /// Whether something is said of a person as the booker.
    ///
    /// That a meeting with seats was given up is read in Cal.com's list: that names nobody, and is said
    /// of all who sit there by then.
    private func isOf(_ email: String, _ told: Told) -> Bool {
        if told.fact.booking.booker.email == email { return true }
        guard case .cancelled = told.fact.kind, told.fact.booking.isSeated, told.fact.read != nil,
            let chain = chains.first(where: { $0.contains(told.fact.booking.uid) })
        else { return false }
        let before = ordered(chain).prefix { $0.number != told.number }
        var meeting = Meeting(uids: chain)
        for earlier in before { take(earlier, into: &meeting) }
        return meeting.sitters.contains { $0.email == email && !$0.isForgotten }
    }

    /// The days on which series were given up that a booking of a person's belongs to.
    ///
    /// The delivery names another booking, perhaps one of before the person was erased: nothing tells
    /// then that its booker is the same.
    func cancelledSeries(of email: String) -> [JSON] {
        let own = chains.filter { chain in
            said(by: email).contains { chain.contains($0.fact.booking.uid) }
        }
        let zones = Set(settings.map(\.settings?.zone))
        return told.filter { told in own.contains { isReached($0, by: told) } }.flatMap { told in
            zones.map { .string(NaiveZone.day(of: told.occurred, in: $0)) }
        }
    }

    private func value(
        of field: String,
        _ told: Told,
        _ settings: SimulatedSettings
    ) -> JSON? {
        func day(_ instant: Instant) -> JSON {
            .string(NaiveZone.day(of: instant, in: settings.zone))
        }
        switch (field, told.fact.kind) {
        case ("Last_Cancel__c", let kind): return kind.isCancellation ? day(told.occurred) : nil
        case ("Form_Size__c", .formAnswered), ("Gone_Size__c", .formAbandoned):
            return settings.writesForms ? .string(told.fact.booking.answer) : nil
        case ("Form_Size__c", _), ("Gone_Size__c", _): return nil
        case ("Missed_Size__c", .created):
            let isMiss =
                settings.tellsMisses && told.fact.booking.routing == .missed
                && isFirstConfirmation(told)
            return isMiss ? .string(told.fact.booking.answer) : nil
        case ("Missed_Size__c", _): return nil
        case (_, let kind) where !kind.isBooking: return nil
        case ("Account_Size__c", _) where !settings.writesAccount: return nil
        case ("OwnerId", _): return settings.changesOwner ? owner(of: told, settings) : nil
        case (Self.accountOwner, _):
            return settings.changesAccountOwner ? owner(of: told, settings) : nil
        default: return value(of: field, told.fact.booking, day)
        }
    }

    /// What a booking says of a field by its own picture alone.
    private func value(
        of field: String,
        _ booking: SimulatedBooking,
        _ day: (Instant) -> JSON
    ) -> JSON? {
        switch field {
        case "Last_Demo__c": day(booking.start)
        case "Demo_Begin__c": .string(booking.start.rfc3339)
        case "Demo_Made__c": firstMade(booking.uid).map { .string($0.wholeSeconds.rfc3339) }
        case "Demo_Host__c": .string(booking.host.email)
        case "Has_Demo__c": .bool(true)
        default: booking.isAnswered ? .string(booking.answer) : nil
        }
    }

    private func owner(of told: Told, _ settings: SimulatedSettings) -> JSON {
        .string(settings.newOwner ?? told.fact.booking.host.email)
    }

    /// When a booking was made; the clock's deliveries show it, too.
    private func firstMade(_ uid: String) -> Instant? {
        let own = told.filter { $0.fact.booking.uid == uid }
        let shown = own.filter(\.fact.kind.isTimed).compactMap(\.fact.booking.made)
        // Whoever takes a seat along makes the booking, if nobody has a seat there yet.
        let taken = own.filter(\.fact.kind.isSeatMove).map(\.occurred)
        return (shown + taken + [made(uid)].compactMap { $0 }).min()
    }

    /// Everybody to whom the record of somebody who booked may be given.
    func hosts(of email: String) -> Set<String> {
        let bookings = told.map(\.fact.booking).filter { $0.booker.email == email }
        guard !bookings.isEmpty else { return [] }
        return Set(bookings.map(\.host.email) + settings.compactMap(\.settings?.newOwner))
    }

    /// Everybody who ever was to host a meeting in which a person took part.
    ///
    /// Where people have seats, that the host changed may be told by somebody else's delivery.
    func meetingHosts(of email: String) -> Set<String> {
        let bookings = told.map(\.fact.booking)
        let uids = Set(bookings.filter { $0.emails.contains(email) }.map(\.uid))
        let hosts = bookings.filter { uids.contains($0.uid) }.map(\.host.email)
        return Set(hosts + settings.compactMap(\.settings?.newOwner))
    }

    /// Whether a person has booked, or was brought along.
    func isAttendee(_ email: String) -> Bool {
        told.contains { told in
            !told.fact.kind.isForm && told.fact.booking.emails.contains(email)
                && !told.fact.booking.forgotten.contains(email)
        }
    }

    /// Everyone whose record some meeting that takes place needs.
    var requiredPeople: Set<String> {
        Set(meetings.filter { $0.status == .booked }.flatMap(\.related))
    }

    /// The moments of everything that was told of a booking's chain.
    func moments(of uids: [String]) -> [Instant] {
        told.filter { concerns($0, uids) || isReached(uids, by: $0) }.map(\.occurred)
    }

    /// Whether something newer of an appointment was told before the fact behind a wish.
    func isOvertaken(_ wish: Wish, _ uids: [String]) -> Bool {
        told.contains { told in
            told.number < wish.number && told.occurred > wish.since && concerns(told, uids)
        }
    }

    /// When the ledger had learned of all the bookings that an appointment consists of.
    func joined(_ uids: [String]) -> Instant? {
        told.filter { told in
            (told.fact.predecessor ?? told.fact.read?.successor) != nil
                && uids.contains(told.fact.booking.uid)
        }
        .map(\.acknowledged).max()
    }

    /// The moments of everything that was told of a person, or of a booking that names the person.
    func moments(naming email: String) -> [Instant] {
        told.filter { $0.fact.booking.emails.contains(email) }.map(\.occurred)
    }

    /// Whether something was told of an appointment after a moment, whenever it happened.
    func wasTold(of uids: [String], after moment: Instant) -> Bool {
        told.contains { concerns($0, uids) && $0.acknowledged > moment }
    }

    /// Whether something was told of a person after a moment, whenever it happened.
    func wasTold(of email: String, after moment: Instant) -> Bool {
        told.contains { isOf(email, $0) && $0.acknowledged > moment }
    }

    /// The moments of everything that was told of a person.
    func moments(of email: String) -> [Instant] {
        told.filter { isOf(email, $0) }.map(\.occurred)
    }
}
