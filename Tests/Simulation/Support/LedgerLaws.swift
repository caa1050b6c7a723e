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
        let facts = events.filter { Self.isFact($0.type) }
        let told = simulation.told.map(\.occurred.milliseconds).sorted()
        if facts.map(\.occurred).sorted() != told {
            found.append("\(told.count) facts were acknowledged, \(facts.count) are in the ledger")
        }
        found += receipts(events.map { String(decoding: $0.data, as: UTF8.self) })
        return found + (try secrets()) + (try await traces())
    }

    private static func isFact(_ type: String) -> Bool {
        ["booking.", "attendance.", "payment.", "meeting.", "form."].contains { type.hasPrefix($0) }
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
            for secret in SimulatedPerson.secrets {
                if Self.spellings(secret).contains(where: { Self.holds(bytes, $0) }) {
                    found.append("personal data stands in the file, \(secret.count) letters")
                }
            }
        }
        return found
    }
}
