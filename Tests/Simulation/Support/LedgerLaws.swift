import Domain
import Foundation
import Journal
import Ledger

/// What must hold of the ledger once the world has calmed down.
struct LedgerLaws {
    let simulation: Simulation

    /// Everything that is broken.
    func violations() async throws -> [String] {
        var found: [String] = []
        let journal = simulation.journal
        let report = try await journal.ledger.verify()
        found += report.problems.map { "verification: \($0)" }
        let head = try await journal.head()
        if head.root != report.root { found.append("the head is not the root of the tree") }
        let open = try await journal.openIntents().keys.map(\.rawValue)
        if !open.isEmpty { found.append("an intent has no outcome: \(open.count)") }
        let events = try await journal.sealedEvents(after: .start, limit: .max, type: nil)
        found += facts(events)
        found += receipts(events.map { String(decoding: $0.data, as: UTF8.self) })
        found += try confirmations(events)
        return found + (try secrets()) + (try await traces())
    }

    /// What was acknowledged stands in the ledger as what it is, once, and nothing else does.
    private func facts(_ events: [StoredEvent]) -> [String] {
        // What a reading of Cal.com found was taken from the ledger.
        let recorded = events.filter { Self.isFact($0.type) && $0.type != Self.observed }.map {
            event in
            // The stream of an answered form names nobody's booking.
            let uid = event.stream.hasPrefix("booking-") ? String(event.stream.dropFirst(8)) : ""
            return "\(event.type) \(uid) \(event.occurred)"
        }
        let told = simulation.told.filter { $0.fact.read == nil }.map { told in
            let fact = told.fact
            return "\(fact.kind.type) \(fact.booking.uid) \(told.occurred.milliseconds)"
        }
        let (missing, further) = (
            Self.rest(of: told, without: recorded), Self.rest(of: recorded, without: told)
        )
        return missing.map { "\($0) was acknowledged and is not in the ledger" }
            + further.map { "\($0) is in the ledger and was not told" }
    }

    /// What stands in one list more often than in another.
    private static func rest(of list: [String], without other: [String]) -> [String] {
        var left = other.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        return list.filter { entry in
            guard let count = left[entry], count > 0 else { return true }
            left[entry] = count - 1
            return false
        }
    }

    private static let observed = "booking.observed"

    private static func isFact(_ type: String) -> Bool {
        ["booking.", "attendance.", "payment.", "meeting.", "form."].contains { type.hasPrefix($0) }
    }

    /// One receipt confirms each change whose answer arrived, and none confirms more than was done.
    private func confirmations(_ events: [StoredEvent]) throws -> [String] {
        var confirmed = try confirmed(in: events)
        // The key is no field of the plan's.
        let written = simulation.org.copy.changes.filter {
            $0.editor == .daybook && $0.field != "Daybook_Key__c"
        }
        let all = Dictionary(grouping: written) { "\($0.record.rawValue).\($0.field)" }
        var found: [String] = []
        for (name, changes) in all.sorted(by: { $0.key < $1.key }) {
            let answered = changes.count { !$0.isAnswerLost }
            let count = confirmed.removeValue(forKey: name) ?? 0
            guard count < answered || count > changes.count else { continue }
            found.append("\(name): \(count) receipts, \(answered) answers, \(changes.count) writes")
        }
        return found + confirmed.keys.sorted().map { "\($0) is confirmed and was never written" }
    }

    /// How many receipts there are for each field of each record, without those of what somebody
    /// else did.
    private func confirmed(in events: [StoredEvent]) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        var intents: [String: JSON] = [:]
        for event in events where ["write.intended", "write.confirmed"].contains(event.type) {
            let data = try JSON(parsing: event.data)
            let operation = data["operation"]?.string ?? ""
            guard event.type == "write.confirmed" else {
                intents[operation] = data
                continue
            }
            let record = data["record"]?.string ?? ""
            for field in data["fields"]?.array ?? [] {
                if let intent = intents[operation], isImitated(field, data, intent) { continue }
                counts["\(record).\(field["field"]?.string ?? "")", default: 0] += 1
            }
        }
        return counts
    }

    /// Whether nobody but somebody else changed a field between looking and the receipt.
    ///
    /// Where a write was begun and never arrived, and a person put the same there, nothing in the
    /// record tells the two apart: the receipt takes it for the write.
    private func isImitated(_ field: JSON, _ receipt: JSON, _ intent: JSON) -> Bool {
        guard field["reason"]?.string == "agreed", let name = field["field"]?.string,
            let record = receipt["record"]?.string, intent["record"]?.string == record,
            intent["fields"]?.array?.contains(.string(name)) ?? false,
            let looked = intent["stamp"]?.int, let seen = receipt["stamp"]?.int
        else { return false }
        let since = simulation.org.copy.changes.filter {
            $0.record.rawValue == record && $0.field == name
                && looked < $0.time.milliseconds && $0.time.milliseconds <= seen
        }
        return since.contains { $0.before != $0.after }
            && since.allSatisfy { $0.editor == .person }
    }

    /// What is left of those who were erased, if nobody named them since.
    private func traces() async throws -> [String] {
        let gone = simulation.erased.filter { erased in
            (simulation.named[erased.email] ?? erased.time) <= erased.time
        }
        guard !gone.isEmpty else { return [] }
        let head = try await simulation.journal.head()
        let all = (1...max(1, head.position)).map { LedgerPosition($0) }
        let opened = try await simulation.journal.openedEvents(at: all)
        let contents = opened.flatMap { $0.event.parts.map(\.content) + [$0.event.data] }
        return gone.flatMap { erased in
            contents.filter { content in
                Self.spellings(erased.email).contains { Self.holds(Data(content), $0) }
            }.map { _ in "an erased person can be read in the ledger" }
        }
    }

    /// Everything that was made in the org stands in the ledger.
    private func receipts(_ data: [String]) -> [String] {
        let org = simulation.org.copy
        let made = org.records.values.filter { $0.creator == .daybook }.map(\.id.rawValue)
        let unknown = made.filter { id in !data.contains { $0.contains(id) } }
        return unknown.map { "nothing is in the ledger about \($0.prefix(3))… that was made" }
    }

    /// A text as people write it.
    private static func spellings(_ text: String) -> [String] {
        [text, text.uppercased(), text.capitalized, text.prefix(1).uppercased() + text.dropFirst()]
    }

    /// `Data.range(of:)` takes a quarter of the time of a whole world.
    private static func holds(_ bytes: Data, _ text: String) -> Bool {
        let word = Array(text.utf8)
        return bytes.withUnsafeBytes { buffer in
            guard var place = buffer.baseAddress, let first = word.first else { return false }
            let end = place + (buffer.count - word.count + 1)
            while place < end, let hit = memchr(place, Int32(first), end - place) {
                if memcmp(hit, word, word.count) == 0 { return true }
                place = UnsafeRawPointer(hit) + 1
            }
            return false
        }
    }

    /// Personal data outside sealed parts.
    private func secrets() throws -> [String] {
        var found: [String] = []
        for end in ["", "-wal"] where FileManager.default.fileExists(atPath: simulation.path + end)
        {
            let bytes = try Data(contentsOf: URL(filePath: simulation.path + end))
            for secret in SimulatedPerson.secrets + [SimulatedBooking.rareWord] {
                if Self.spellings(secret).contains(where: { Self.holds(bytes, $0) }) {
                    found.append("personal data stands in the file, \(secret.count) letters")
                }
            }
        }
        return found
    }
}

extension SimulatedFact.Kind {
    /// The type of the event that keeps it.
    fileprivate var type: String {
        switch self {
        case .requested, .requestedAnew: "booking.requested"
        case .created: "booking.confirmed"
        case .rescheduled, .seatMoved, .movedInPlace: "booking.rescheduled"
        case .reassigned: "booking.reassigned"
        case .relocated: "booking.relocated"
        case .noShow, .guestsAbsent, .hostAbsent: "attendance.recorded"
        case .rescheduleRequested, .cancelled, .seriesCancelled, .seatCancelled:
            "booking.cancelled"
        case .rejected: "booking.rejected"
        case .paymentStarted, .paid: "payment.recorded"
        case .started: "meeting.started"
        case .ended: "meeting.ended"
        case .formAnswered: "form.submitted"
        case .formAbandoned: "form.abandoned"
        case .linked: "booking.observed"
        }
    }
}
