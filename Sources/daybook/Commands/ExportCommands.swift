import ArgumentParser
import Audit
import Domain
import Foundation
import Journal
import Ledger

/// Hands events out with their proofs.
struct LedgerExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write events with their proofs to a folder that verifies without the ledger.",
        discussion: """
            The folder holds events.ndjson, a proof for each event, the checkpoint and a signed \
            manifest, and no personal data. A range without --type and --stream is complete: it \
            shows also what did not happen. The folder must not be there yet.

              daybook ledger export audit-2026
              daybook ledger export range --from 100 --to 200
              daybook ledger export plans --type run.planned
              daybook ledger check-export audit-2026 --public-key ledger.public-key
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The folder.")
    var folder: String

    @Option(help: "The first position.")
    var from: Int64?

    @Option(help: "The last position.")
    var to: Int64?

    @Option(help: "Only events of this type, for example booking.confirmed.")
    var type: String?

    @Option(help: "Only events of this stream, for example booking-UID.")
    var stream: String?

    func run() async throws {
        let selection = ExportSelection(from: from, to: to, type: type, stream: stream)
        let manifest = try await options.withSession { session in
            let progress = Progress()
            return try await session.journal.ledger.export(selection, to: folder) {
                progress.tell("\($0) events written")
            }
        }
        if options.isJSON { return Terminal.show(manifest.json(folder)) }
        Terminal.show(
            """
            \(folder): \("event".counted(manifest.events)), under a checkpoint over \
            \(manifest.size) events with root \(manifest.root)
            """
        )
    }
}

/// Checks what another ledger handed out.
struct CheckExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-export",
        abstract: "Check an export with nothing but the public key of its ledger.",
        discussion: """
            Exits with 0 if all of it holds, 5 if something was changed, added or left out, and 65 if \
            it cannot be read. tools/check_export.py does the same without Daybook.

              daybook ledger check-export audit-2026 --public-key ledger.public-key
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The folder.")
    var folder: String

    @Option(help: "The ledger's public key, or a file with it.")
    var publicKey: String

    @Option(help: "A witness that has to have signed; may be repeated.")
    var witness: [String] = []

    func run() throws {
        let isFile = FileManager.default.fileExists(atPath: publicKey)
        let log = try NoteVerifier(text: isFile ? InputFile.text(publicKey) : publicKey)
        let witnesses = try witness.map(NoteVerifier.init(text:))
        let manifest = try ExportCheck.verify(folder, log: log, witnesses: witnesses)
        if options.isJSON { return Terminal.show(manifest.json(folder)) }
        Terminal.show(
            """
            \("event".counted(manifest.events)) of '\(manifest.origin)' hold, under a checkpoint \
            over \(manifest.size) events with root \(manifest.root)
            """
        )
    }
}

extension ExportManifest {
    /// The manifest as a command prints it.
    fileprivate func json(_ folder: String) -> JSON {
        .compact([
            ("ok", .bool(true)), ("folder", .string(folder)), ("origin", .string(origin)),
            ("from", .integer(from)), ("to", .integer(to)), ("complete", .bool(isComplete)),
            ("events", .integer(events)), ("size", .integer(size)), ("root", .string(root)),
        ])
    }
}
