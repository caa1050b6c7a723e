import Foundation
import TestSupport
import Testing

@testable import Ledger

@Suite("Export")
struct ExportTests {
    let temporary: TemporaryLedger
    let folder: String
    var ledger: SQLiteLedger { temporary.ledger }

    init() throws {
        temporary = try TemporaryLedger(isSigned: true)
        folder = temporary.folder.path("export")
    }

    private func verify(_ folder: String) throws -> ExportManifest {
        try ExportCheck.verify(folder, log: try #require(ledger.keeper).signer.verifier)
    }

    @Test("of everything holds every event, each with a proof, and no personal data")
    func everything() async throws {
        try await temporary.fillWithSample()
        let manifest = try await ledger.export(ExportSelection(), to: folder)
        #expect(manifest.events == 12 && manifest.isComplete && manifest.size == 12)
        #expect(try verify(folder) == manifest)
        let proofs = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/proofs")
        #expect(Set(proofs) == Set((1...12).map { "\($0).tlog-proof" }))
        let lines = try String(contentsOfFile: "\(folder)/events.ndjson", encoding: .utf8)
        #expect(lines.contains(#""type":"sample.ended""#) && !lines.contains("Ada"))
    }

    @Test(
        "of a part holds that part",
        arguments: [
            (ExportSelection(from: 3, to: 5), 3, true), (ExportSelection(from: 12), 1, true),
            (ExportSelection(type: "sample.ended"), 2, false),
            (ExportSelection(from: 2, stream: "b"), 4, false),
        ]
    )
    func part(selection: ExportSelection, events: Int, isComplete: Bool) async throws {
        try await temporary.fillWithSample()
        let manifest = try await ledger.export(selection, to: folder)
        #expect(manifest.events == events && manifest.isComplete == isComplete)
        #expect(try verify(folder) == manifest)
    }

    @Test(
        "is refused past the end, for nothing, or over a folder that is there",
        arguments: [
            ExportSelection(from: 0), ExportSelection(to: 13), ExportSelection(from: 7, to: 6),
            ExportSelection(type: "unknown"), ExportSelection(stream: "unknown"),
        ]
    )
    func refused(selection: ExportSelection) async throws {
        try await temporary.fillWithSample()
        await #expect(throws: LedgerError.self) { try await ledger.export(selection, to: folder) }
        #expect(try temporary.folder.names().allSatisfy { !$0.hasPrefix("export") })
        try await ledger.export(ExportSelection(), to: folder)
        await #expect(throws: LedgerError.self) {
            try await ledger.export(ExportSelection(), to: folder)
        }
    }

    @Test("leaves nothing behind when the disk is full", arguments: [0, 1, 5, 20, 26])
    func diskFull(writes: Int) async throws {
        try await temporary.fillWithSample()
        let done = Steps()
        let error = await #expect(throws: LedgerError.self) {
            _ = try await ledger.export(ExportSelection(), to: folder, progress: { _ in }) {
                file,
                bytes in
                guard done.all.count < writes else { throw POSIXError(.ENOSPC) }
                done.add(1)
                try file.write(contentsOf: bytes)
            }
        }
        #expect("\(try #require(error))".contains("the disk is full"))
        #expect(try temporary.folder.names().allSatisfy { !$0.hasPrefix("export") })
        #expect(try await ledger.verify().isSound)
    }

    /// Something that is done to an export, and has to be found.
    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var harm: @Sendable (_ folder: String) throws -> Void
    }

    private static func edit(
        _ path: String,
        _ change: (inout String) -> Void
    ) throws {
        var text = try String(contentsOfFile: path, encoding: .utf8)
        let before = text
        change(&text)
        try #require(text != before)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    static let damages = [
        Damage(testDescription: "an event cut off") { folder in
            try edit("\(folder)/events.ndjson") { $0 = String($0.dropLast(400)) }
        },
        Damage(testDescription: "a line left out, and the manifest to match") { folder in
            try edit("\(folder)/events.ndjson") { text in
                text = text.split(separator: "\n").dropLast().map { "\($0)\n" }.joined()
            }
            try edit("\(folder)/manifest.json") {
                $0 = $0.replacing(#""events": 12"#, with: #""events": 11"#)
            }
        },
        Damage(testDescription: "a word of what people read") { folder in
            try edit("\(folder)/events.ndjson") {
                $0 = $0.replacing("sample.ended", with: "sample.begun")
            }
        },
        Damage(testDescription: "the checkpoint's size") { folder in
            try edit("\(folder)/checkpoint") { $0 = $0.replacing("\n12\n", with: "\n13\n") }
        },
        Damage(testDescription: "a proof exchanged for another") { folder in
            let files = FileManager.default
            try files.removeItem(atPath: "\(folder)/proofs/3.tlog-proof")
            try files.copyItem(
                atPath: "\(folder)/proofs/4.tlog-proof",
                toPath: "\(folder)/proofs/3.tlog-proof"
            )
        },
        Damage(testDescription: "a proof missing") { folder in
            try FileManager.default.removeItem(atPath: "\(folder)/proofs/3.tlog-proof")
        },
        Damage(testDescription: "a proof added") { folder in
            try FileManager.default.copyItem(
                atPath: "\(folder)/proofs/4.tlog-proof",
                toPath: "\(folder)/proofs/13.tlog-proof"
            )
        },
        Damage(testDescription: "the manifest's signature missing") { folder in
            try FileManager.default.removeItem(atPath: "\(folder)/manifest.note")
        },
    ]

    /// The script of `tools/`, which shares no code with this one.
    private func script(_ path: String, key: String) async throws -> Int32 {
        let tools = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let script = tools.appending(path: "tools/check_export.py").path
        return try await ChildProcess(["/usr/bin/env", "python3", script, path, key]).end().status
    }

    @Test("is refused when something was changed, added or left out", arguments: damages)
    func damaged(damage: Damage) async throws {
        try await temporary.fillWithSample()
        try await ledger.export(ExportSelection(), to: folder)
        let key = try #require(ledger.keeper).signer.verifier
        _ = try verify(folder)
        #expect(try await script(folder, key: key.text) == 0, "the control")
        try damage.harm(folder)
        #expect(throws: NoteError.self) { try verify(folder) }
        #expect([5, 65].contains(try await script(folder, key: key.text)))
    }

    @Test("is refused with another ledger's key")
    func otherKey() async throws {
        try await temporary.fillWithSample()
        try await ledger.export(ExportSelection(), to: folder)
        let own = try #require(ledger.keeper).signer.verifier
        let other = try NoteSigner(name: own.name, seed: Array(0..<32)).verifier
        #expect(throws: NoteError.self) { try ExportCheck.verify(folder, log: other) }
        #expect(try await script(folder, key: other.text) == 5)
        #expect(try await script("\(folder)/proofs/3.tlog-proof", key: own.text) == 0)
        #expect(try await script("\(folder)/proofs/3.tlog-proof", key: other.text) == 5)
    }
}
