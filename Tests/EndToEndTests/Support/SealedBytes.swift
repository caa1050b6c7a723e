import Foundation
import TestSupport

/// The bytes that keep a person secret in a ledger's files: the wrapped keys of the person, whatever
/// is sealed in parts, and the kept deliveries.
///
/// Names are in no readable form anyway, so that looking for one shows nothing of an erasure.
struct SealedBytes {
    /// The beginnings of the person's wrapped keys.
    let keys: Set<Data>
    /// The beginning of each value: a longer one is spread over several pages.
    let all: Set<Data>

    /// Reads what a ledger holds of a person now.
    init(of person: String, in trial: Trial) throws {
        func beginnings(_ sql: String) throws -> Set<Data> {
            Set(try SQLiteFile.texts(sql, on: trial.ledger).map { Data(hexadecimal: $0) })
        }
        keys = try beginnings(
            "SELECT hex(substr(wrapped, 1, 24)) FROM subjectKey WHERE subject = '\(person)'"
        )
        all = try keys.union(
            beginnings(
                """
                SELECT hex(substr(ciphertext, 1, 24)) FROM sealed UNION ALL
                SELECT hex(substr(sealed, 1, 24)) FROM delivery WHERE sealed IS NOT NULL
                """
            )
        )
    }

    /// Those of some beginnings that stand in one of the ledger's files.
    static func standing(_ beginnings: Set<Data>, in files: [Data]) -> Set<Data> {
        beginnings.filter { beginning in files.contains { $0.range(of: beginning) != nil } }
    }

    /// The bytes of the ledger's files as they are, the log included.
    static func files(of trial: Trial) throws -> [Data] {
        try trial.folder.names().filter { $0.hasPrefix("daybook.sqlite") }
            .map { Data(try trial.folder.bytes(of: $0)) }
    }
}

extension Data {
    /// Reads pairs of hexadecimal digits.
    fileprivate init(hexadecimal text: String) {
        let digits = text.utf8.map { $0 - ($0 < 58 ? 48 : 55) }
        self.init(
            stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        )
    }
}
