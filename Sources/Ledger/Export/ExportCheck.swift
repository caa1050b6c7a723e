import Crypto
import Foundation

/// Checks an export with nothing but the folder and the public key of the ledger.
public enum ExportCheck {
    /// What an export is signed with: a statement that no checkpoint can be taken for.
    static func statement(of manifest: String) -> String {
        let digest = Data(SHA256.hash(data: Data(manifest.utf8))).base64EncodedString()
        return "\(ExportManifest.format)\n\(digest)\n"
    }

    /// Checks that every event is part of the signed tree, and that none was changed, added or
    /// left out.
    ///
    /// - Parameters:
    ///   - folder: The export.
    ///   - log: The public key of the ledger.
    ///   - witnesses: The public keys of witnesses that have to have signed the checkpoint.
    /// - Returns: What the export says of itself.
    /// - Throws: ``NoteError``.
    public static func verify(
        _ folder: String,
        log: NoteVerifier,
        witnesses: [NoteVerifier] = []
    ) throws(NoteError) -> ExportManifest {
        let text = try read("\(folder)/manifest.json")
        let note = try SignedNote(parsing: read("\(folder)/manifest.note"))
        guard try !note.verified(by: [log]).isEmpty else { throw .unsigned(expected: log.name) }
        guard note.text == Self.statement(of: text) else {
            throw .badProof("the manifest was changed")
        }
        guard let manifest = ExportManifest(text) else {
            throw .malformed("manifest.json is no manifest of version 1")
        }
        let checkpoint = try SignedNote(parsing: read("\(folder)/checkpoint"))
        let trusted = try TrustedCheckpoint(checkpoint, log: log, witnesses: witnesses)
        for wanted in witnesses where !trusted.witnesses.contains(where: { $0.verifier == wanted })
        {
            throw .unsigned(expected: wanted.name)
        }
        guard trusted.checkpoint.size == UInt64(manifest.size),
            trusted.checkpoint.root.description == manifest.root
        else { throw .badProof("the checkpoint is not the one of the manifest") }
        let positions = try checkEvents(folder, manifest, trusted, log)
        if manifest.isComplete, positions != Array(manifest.from...manifest.to) {
            throw .badProof("events of the range are missing")
        }
        return manifest
    }

    private static func checkEvents(
        _ folder: String,
        _ manifest: ExportManifest,
        _ trusted: TrustedCheckpoint,
        _ log: NoteVerifier
    ) throws(NoteError) -> [Int64] {
        let text = try read("\(folder)/events.ndjson")
        guard Array(SHA256.hash(data: Data(text.utf8))).hexadecimal == manifest.sha256 else {
            throw .badProof("events.ndjson was changed or cut off")
        }
        var positions: [Int64] = []
        for line in text.split(separator: "\n") {
            let (position, leaf) = try event(line)
            guard ExportLine.text(leaf: leaf, position: position) == "\(line)\n" else {
                throw .badProof("event \(position) reads otherwise than what was hashed")
            }
            let file = try ProofFile(parsing: read("\(folder)/proofs/\(position).tlog-proof"))
            let proven = try file.verify(leaf: leaf, log: log)
            guard file.index == UInt64(position - 1), file.extra == leaf,
                proven.checkpoint == trusted.checkpoint
            else { throw .badProof("the proof of event \(position) is another one's") }
            guard positions.last.map({ $0 < position }) ?? true else {
                throw .badProof("event \(position) is out of order")
            }
            positions.append(position)
        }
        guard positions.count == manifest.events, try proofs(folder) == positions.count else {
            throw .badProof("events or proofs are missing, or were added")
        }
        return positions
    }

    private static func event(_ line: Substring) throws(NoteError) -> (Int64, [UInt8]) {
        let object: Any
        do {
            object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        } catch {
            throw .malformed("a line of events.ndjson is no JSON")
        }
        guard let members = object as? [String: Any], let position = members["position"] as? Int,
            position >= 1, let text = members["leaf"] as? String, let leaf = [UInt8](base64: text)
        else { throw .malformed("a line of events.ndjson names no position and leaf") }
        return (Int64(position), leaf)
    }

    private static func proofs(_ folder: String) throws(NoteError) -> Int {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: "\(folder)/proofs").count
        } catch {
            throw .malformed("the folder 'proofs' is missing")
        }
    }

    private static func read(_ path: String) throws(NoteError) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            let name = URL(fileURLWithPath: path).lastPathComponent
            throw .malformed("'\(name)' is missing or is no text")
        }
    }
}
