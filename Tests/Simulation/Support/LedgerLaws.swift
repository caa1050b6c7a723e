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
        if try await !journal.openIntents().isEmpty { found.append("an intent has no outcome") }
        let events = try await journal.sealedEvents(after: .start, limit: .max, type: nil)
        let facts = events.filter { Self.isFact($0.type) }
        let told = simulation.told.map(\.occurred.milliseconds).sorted()
        if facts.map(\.occurred).sorted() != told {
            found.append("\(told.count) facts were acknowledged, \(facts.count) are in the ledger")
        }
        found += receipts(events.map { String(decoding: $0.data, as: UTF8.self) })
        return found + (try secrets())
    }

    private static func isFact(_ type: String) -> Bool {
        type.hasPrefix("booking.") || type.hasPrefix("attendance.")
    }

    /// Everything that was made in the org stands in the ledger.
    private func receipts(_ data: [String]) -> [String] {
        let org = simulation.org.copy
        let made = org.records.values.filter { $0.creator == .daybook }.map(\.id.rawValue)
        return made.filter { id in !data.contains { $0.contains(id) } }
            .map { "nothing is in the ledger about \($0.prefix(3))… that was made" }
    }

    /// Personal data outside sealed parts.
    private func secrets() throws -> [String] {
        var found: [String] = []
        for end in ["", "-wal"] where FileManager.default.fileExists(atPath: simulation.path + end) {
            let bytes = try Data(contentsOf: URL(filePath: simulation.path + end))
            for secret in SimulatedPerson.secrets {
                let spellings = [secret, secret.uppercased(), secret.capitalized]
                if spellings.contains(where: { bytes.range(of: Data($0.utf8)) != nil }) {
                    found.append("personal data stands in the file, \(secret.count) letters")
                }
            }
        }
        return found
    }
}
