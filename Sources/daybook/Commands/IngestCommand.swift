import ArgumentParser
import Audit
import Domain
import Foundation
import Pipeline

/// Takes deliveries in from files.
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Take in Cal.com deliveries from files, folders or standard input.",
        discussion: """
            Each file holds one delivery body, a JSON array of them, or one per line. A folder \
            stands for the .json, .ndjson and .raw files in it, by name. '-' is standard input. \
            Nothing is signed, because you hand it over yourself.

            Exits with 0 when every delivery was kept, and with 65 when some cannot be understood: \
            those are kept as well, and counted as rejected.

              daybook ingest deliveries/
              curl … | daybook ingest -
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "Files, folders, or - for standard input.")
    var paths: [String]

    func run() async throws {
        let files = try paths.flatMap(Self.files)
        let summary = try await options.withSession { session in
            let intake = session.intake()
            let progress = Progress()
            var summary = IntakeSummary()
            for file in files {
                let earlier = summary.deliveries
                summary.add(
                    try await intake.take(file: try Self.read(file)) { count in
                        progress.tell("\(earlier + count) deliveries taken in")
                    }
                )
            }
            return summary
        }
        show(summary)
        if summary.rejected > 0 { throw ExitStatus.badInput.exitCode }
    }

    private func show(_ summary: IntakeSummary) {
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("deliveries", .integer(summary.deliveries)),
                    ("appended", .integer(summary.appended)),
                    ("duplicates", .integer(summary.duplicates)),
                    ("unrecognised", .integer(summary.unrecognised)),
                    ("rejected", .integer(summary.rejected)),
                ])
            )
        }
        Terminal.show(
            """
            \("delivery".counted(summary.deliveries, plural: "deliveries")): \
            \(summary.appended) appended, \("duplicate".counted(summary.duplicates)), \
            \(summary.unrecognised) unrecognised, \(summary.rejected) rejected
            """
        )
        if summary.rejected > 0 {
            Terminal.tell(
                """
                Rejected deliveries are kept. They are not JSON, or say impossible things; see \
                'daybook status' for the reasons.
                """
            )
        }
    }

    /// The files that a path stands for.
    private static func files(_ path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard path != "-" else { return [path] }
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure(.badInput, "There is no file or folder at '\(path)'.")
        }
        guard isFolder.boolValue else { return [path] }
        return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            .filter { name in [".json", ".ndjson", ".raw"].contains { name.hasSuffix($0) } }
            .map { "\(path)/\($0)" }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        do {
            if path == "-" { return try read(FileHandle.standardInput, room: 0) }
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            return try read(file, room: size?.intValue ?? 0)
        } catch {
            let reason = error.localizedDescription
            throw CommandFailure(.badInput, "'\(path)' cannot be read: \(reason)")
        }
    }

    /// Piece by piece, so that a large file is not in memory twice.
    private static func read(_ file: FileHandle, room: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(room)
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
            bytes.append(contentsOf: piece)
        }
        return bytes
    }
}
