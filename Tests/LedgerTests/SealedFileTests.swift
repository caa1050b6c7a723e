import Foundation
import Ledger
import TestSupport
import Testing

@Suite("A sealed file")
struct SealedFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let secret = Array("5Aep861.the refresh token".utf8)

    private func file(_ key: LedgerKey = .test, purpose: String = "a") -> SealedFile {
        let environment = LedgerEnvironment.test(clock: ManualClock())
        return SealedFile(
            path: folder.path("secret"),
            key: key,
            purpose: purpose,
            random: environment.random
        )
    }

    @Test("gives back what was written last, and nothing before")
    func readsBack() throws {
        #expect(try file().read() == nil)
        try file().write(Self.secret)
        #expect(try file().read() == Self.secret)
        let second = file()
        try second.write([1, 2, 3])
        try second.write([])
        #expect(try file().read() == [])
        try file().remove()
        #expect(try file().read() == nil)
        try file().remove()
    }

    @Test("shows nothing of the secret, to nobody but this user, and leaves nothing beside it")
    func isSealed() throws {
        try file().write(Self.secret)
        #expect(try folder.names() == ["secret"])
        let bytes = try folder.bytes(of: "secret")
        #expect(!String(decoding: bytes, as: UTF8.self).contains("5Aep861"))
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("secret"))
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }

    @Test("does not open with another key, for another purpose, or when a byte changed")
    func doesNotOpen() throws {
        try file().write(Self.secret)
        #expect(throws: LedgerError.self) { try file(.otherTest).read() }
        #expect(throws: LedgerError.self) { try file(purpose: "b").read() }
        let good = try folder.bytes(of: "secret")
        for place in good.indices {
            var bytes = good
            bytes[place] ^= 1
            try Data(bytes).write(to: URL(filePath: folder.path("secret")))
            #expect(throws: LedgerError.self) { try file().read() }
        }
        try Data().write(to: URL(filePath: folder.path("secret")))
        #expect(throws: LedgerError.self) { try file().read() }
    }

    @Test("that cannot be read says how to go on")
    func unreadable() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path("secret"),
            withIntermediateDirectories: false
        )
        let error = #expect(throws: LedgerError.self) { try file().read() }
        #expect("\(try #require(error))".contains("log in again with 'daybook org connect'"))
    }

    @Test("keeps the old secret when the new one cannot be written")
    func keepsOld() throws {
        try file().write(Self.secret)
        let elsewhere = SealedFile(
            path: folder.path("missing/secret"),
            key: .test,
            purpose: "a",
            random: { Array(repeating: 7, count: $0) }
        )
        #expect(throws: LedgerError.self) { try elsewhere.write(Self.secret) }
        #expect(try file().read() == Self.secret)
    }
}
