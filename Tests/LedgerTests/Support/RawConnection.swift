import GRDB
import Ledger
import TestSupport

extension TemporaryLedger {
    /// A connection as somebody with a shell would have it: none of ours, and no foreign keys.
    func rawConnection() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Changes the file behind the ledger's back, after taking the triggers away.
    func tamper(_ body: @Sendable (Database) throws -> Void) throws {
        let raw = try rawConnection()
        try raw.write { db in
            let triggers = try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            )
            for trigger in triggers { try db.execute(sql: "DROP TRIGGER \(trigger)") }
            try body(db)
        }
        try raw.close()
    }

    /// All bytes that the ledger has on disk: the database, its log and whatever lies beside them.
    func bytesOnDisk() throws -> [UInt8] {
        try folder.names().flatMap { try folder.bytes(of: $0) }
    }

    /// Twelve events of two types in three streams, sealed parts of two people, and a cursor.
    func fillWithSample() async throws {
        let ada = PersonalPart(name: "booker", subject: "ada", content: Array("Ada Park".utf8))
        let bo = PersonalPart(name: "guest", subject: "bo", content: Array("Bo Lund".utf8))
        try await ledger.append([
            StreamAppend(to: "a", [.sample(1, parts: [ada, bo]), .sample(2), .sample(3)]),
            StreamAppend(to: "b", [.sample(4, type: "sample.ended"), .sample(5, parts: [bo])]),
            StreamAppend(to: "a", [.sample(6), .sample(7, parts: [ada]), .sample(8)]),
            StreamAppend(to: "c", [.sample(9, type: "sample.ended"), .sample(10)]),
            StreamAppend(to: "b", [.sample(11), .sample(12)]),
        ])
        try await ledger.setCursor("reader", to: 5)
    }
}

extension Collection<UInt8> {
    /// Whether a text stands somewhere among the bytes, as UTF-8.
    func contains(text: String) -> Bool {
        let wanted = Array(text.utf8)
        let bytes = Array(self)
        guard let first = wanted.first, bytes.count >= wanted.count else { return false }
        return bytes.indices.dropLast(wanted.count - 1).contains { start in
            bytes[start] == first && bytes[start..<start + wanted.count].elementsEqual(wanted)
        }
    }
}
