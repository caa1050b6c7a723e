import Domain
import Foundation
import Journal
import Ledger

/// A ledger in a folder, with its key beside it.
struct BenchLedger {
    static let environment = LedgerEnvironment(
        now: { Int64(Date().timeIntervalSince1970 * 1_000) },
        random: { count in
            var generator = SystemRandomNumberGenerator()
            var bytes: [UInt8] = []
            while bytes.count < count {
                withUnsafeBytes(of: generator.next() as UInt64) { word in
                    bytes.append(contentsOf: word.prefix(count - bytes.count))
                }
            }
            return bytes
        }
    )

    let path: String
    let key: LedgerKey

    /// Finds the ledger of a folder, or prepares to make one.
    init(folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        path = "\(folder)/ledger.sqlite"
        let file = "\(path).key"
        if !FileManager.default.fileExists(atPath: file) {
            let made = Data(Self.environment.random(32)).base64EncodedString()
            try made.write(toFile: file, atomically: true, encoding: .utf8)
        }
        let text = try String(contentsOfFile: file, encoding: .utf8).trimmingWhitespace()
        guard let data = Data(base64Encoded: text), let key = LedgerKey(bytes: Array(data)) else {
            throw LedgerError.key(reason: "'\(file)' does not hold 32 bytes in Base64")
        }
        self.key = key
    }

    func journal() throws -> Journal {
        try Journal(path: path, key: key, environment: Self.environment)
    }

    /// The size of the file, and of what still waits in its log: bytes.
    func size() throws -> Int {
        try ["", "-wal"].map { path + $0 }
            .filter { FileManager.default.fileExists(atPath: $0) }
            .reduce(0) { sum, path in
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                return sum + (attributes[.size] as? Int ?? 0)
            }
    }
}
