import ArgumentParser
import Audit
import Domain
import Foundation
import Journal
import Ledger

/// Signs what the ledger holds now.
struct CheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Sign what the ledger holds now, and print the checkpoint.",
        discussion: """
            Give the checkpoint to somebody else: it shows later that nothing before it was changed \
            or cut off. The first run of anything made the key, beside the ledger in a file with \
            '.signing-key' added; --public-key prints the half that verifies.

              daybook ledger checkpoint > monday.checkpoint
              daybook ledger checkpoint --public-key
              daybook ledger checkpoint --add cosigned.checkpoint --witness 'w1+7bede9df+BOfx…'
            """
    )

    @OptionGroup var options: CommonOptions

    @Flag(help: "Print the public key of the ledger instead.")
    var publicKey = false

    @Option(help: "Keep the cosignatures of this copy of a checkpoint.")
    var add: String?

    @Option(help: "The public key of a witness; may be repeated (default: DAYBOOK_WITNESSES).")
    var witness: [String] = []

    func run() async throws {
        try await options.withSession { session in
            let ledger = session.journal.ledger
            guard let keeper = ledger.keeper else { return }
            let key = keeper.signer.verifier.text
            if publicKey {
                return options.isJSON
                    ? Terminal.show(.compact([("publicKey", .string(key))])) : Terminal.show(key)
            }
            let witnesses = try session.configuration.witnesses(witness)
                .map(NoteVerifier.init(text:))
            if let add { return try await keep(add, ledger, witnesses) }
            guard let note = try await ledger.makeCheckpoint() else { return }
            let trusted = try keeper.trusted(note, witnesses: witnesses)
            show(trusted, key: key)
        }
    }

    private func keep(
        _ file: String,
        _ ledger: SQLiteLedger,
        _ witnesses: [NoteVerifier]
    ) async throws {
        guard !witnesses.isEmpty else {
            throw CommandFailure(
                .badInput,
                "Name the public key of the witness with --witness KEY, or in DAYBOOK_WITNESSES."
            )
        }
        let note = try SignedNote(parsing: InputFile.text(file))
        let (kept, added) = try await ledger.addCosignatures(of: note, witnesses: witnesses)
        if options.isJSON {
            return Terminal.show(
                .compact([("added", .integer(added)), ("note", .string(kept.whole))])
            )
        }
        Terminal.show(kept.whole.trimmingWhitespace())
        Terminal.tell("\("cosignature".counted(added)) added.")
    }

    private func show(_ trusted: TrustedCheckpoint, key: String) {
        guard options.isJSON else { return Terminal.show(trusted.note.whole.trimmingWhitespace()) }
        Terminal.show(
            .compact([
                ("origin", .string(trusted.checkpoint.origin)),
                ("size", .integer(Int(trusted.checkpoint.size))),
                ("root", .string(trusted.checkpoint.root.description)),
                ("note", .string(trusted.note.whole)),
                ("publicKey", .string(key)),
                ("witnesses", .array(trusted.witnesses.map { .string($0.verifier.name) })),
            ])
        )
    }
}

/// Proves one event.
struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Print the proof that an event is in the ledger.",
        discussion: """
            The proof holds the event's own bytes, the hashes beside its way to the root and a signed \
            checkpoint; it verifies without the ledger. Personal data is not in it: an event holds \
            digests of its sealed parts only.

              daybook ledger prove 5 > 5.tlog-proof
              daybook ledger check-proof 5.tlog-proof --public-key "$(cat public-key)"
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The position of the event.")
    var position: Int64

    @Option(help: "Prove it against the kept checkpoint of this size (default: a new one).")
    var size: Int64?

    func run() async throws {
        let proof = try await options.withSession { session in
            let ledger = session.journal.ledger
            // A ledger that was set back signs nothing, and still proves what it has.
            if size == nil, ledger.setBack == nil { try await ledger.makeCheckpoint() }
            var (proof, leaf) = try await ledger.prove(position, size: size)
            proof.extra = leaf
            return proof
        }
        guard options.isJSON else { return Terminal.show(proof.text.trimmingWhitespace()) }
        Terminal.show(
            .compact([("position", .integer(position)), ("proof", .string(proof.text))])
        )
    }
}

/// Proves that the ledger continues an older checkpoint.
struct ConsistencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consistency",
        abstract: "Prove that the ledger continues an older checkpoint.",
        discussion: """
            Prints the proof from the older checkpoint to a new one, in the form in which witnesses \
            take it. With a file, the proof is checked at once; the exit code is 5 if the ledger does \
            not continue it.

              daybook ledger consistency monday.checkpoint > monday-to-now
              daybook ledger consistency 120
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The older checkpoint: a file, or its number of events.")
    var old: String

    func run() async throws {
        try await options.withSession { session in
            let ledger = session.journal.ledger
            guard let keeper = ledger.keeper else { return }
            if ledger.setBack == nil { try await ledger.makeCheckpoint() }
            let known =
                try Int64(old) == nil
                ? keeper.trusted(SignedNote(parsing: InputFile.text(old))) : nil
            let size = known.map { Int64($0.checkpoint.size) } ?? Int64(old) ?? 0
            let file = try await ledger.consistency(from: size)
            if let known {
                _ = try file.verify(old: known, log: keeper.signer(of: file.checkpoint))
            }
            guard options.isJSON else { return Terminal.show(file.text.trimmingWhitespace()) }
            Terminal.show(
                .compact([
                    ("from", .integer(size)), ("checked", .bool(known != nil)),
                    ("proof", .string(file.text)),
                ])
            )
        }
    }
}

/// Checks a proof that somebody sent.
struct CheckProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-proof",
        abstract: "Check a proof; with a public key this needs no ledger.",
        discussion: """
            Takes what 'ledger prove' and 'ledger consistency' print. Exits with 0 if the proof holds, \
            5 if it does not, and 65 if the file is no proof at all.

              daybook ledger check-proof 5.tlog-proof --public-key ledger.public-key
              daybook ledger check-proof monday-to-now --old monday.checkpoint
            """
    )

    @OptionGroup var options: CommonOptions

    @Argument(help: "The proof; '-' for standard input.")
    var proof: String

    @Option(
        help: """
            The ledger's public key or a file with it; may be repeated after a change of keys \
            (default: those of the configured ledger).
            """
    )
    var publicKey: [String] = []

    @Option(help: "The older checkpoint, for a proof of consistency.")
    var old: String?

    @Option(help: "A file with the event's bytes (default: those that the proof carries).")
    var leaf: String?

    @Option(help: "A witness that has to have signed; may be repeated.")
    var witness: [String] = []

    @Option(help: "A file that says which witnesses are enough (C2SP tlog-policy).")
    var policy: String?

    func run() async throws {
        let text = try InputFile.text(proof)
        let policy = try policy.map { try WitnessPolicy(parsing: InputFile.text($0)) }
        let logs = try await keys(policy)
        let witnesses = try witness.map(NoteVerifier.init(text:))
        if text.hasPrefix("old ") { return try checkConsistency(text, logs) }
        let file = try ProofFile(parsing: text)
        guard let bytes = try leaf.map({ try InputFile.bytes($0) }) ?? file.extra else {
            throw CommandFailure(
                .badInput,
                "The proof carries no event. Give the event's bytes with --leaf FILE."
            )
        }
        let log = try logs.signer(of: file.checkpoint)
        let known = witnesses + (policy?.witnesses ?? [])
        let trusted = try file.verify(leaf: bytes, log: log, witnesses: known)
        try policy?.check(trusted)
        for wanted in witnesses where !trusted.witnesses.contains(where: { $0.verifier == wanted })
        {
            throw NoteError.unsigned(expected: wanted.name)
        }
        show(file, trusted, bytes)
    }

    private func keys(_ policy: WitnessPolicy?) async throws -> [NoteVerifier] {
        let given = try publicKey.map { key in
            let isFile = FileManager.default.fileExists(atPath: key)
            return try NoteVerifier(text: isFile ? InputFile.text(key) : key)
        }
        guard given.isEmpty else { return given }
        if let logs = policy?.logs, !logs.isEmpty { return logs }
        return try await options.withSession { session in
            guard let keeper = session.journal.ledger.keeper else {
                throw CommandFailure(.configuration, "The ledger has no key. Give --public-key.")
            }
            return keeper.verifiers
        }
    }

    private func checkConsistency(_ text: String, _ logs: [NoteVerifier]) throws {
        guard let old else {
            throw CommandFailure(
                .badInput,
                "This proves that a ledger continues an older checkpoint. Give that with --old FILE."
            )
        }
        let file = try ConsistencyFile(parsing: text)
        let note = try SignedNote(parsing: InputFile.text(old))
        let known = try TrustedCheckpoint(note, log: logs.signer(of: note))
        let new = try file.verify(old: known, log: logs.signer(of: file.checkpoint))
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("ok", .bool(true)), ("from", .integer(Int(file.oldSize))),
                    ("size", .integer(Int(new.checkpoint.size))),
                    ("root", .string(new.checkpoint.root.description)),
                ])
            )
        }
        Terminal.show(
            """
            The proof holds: the \(new.checkpoint.size) events under root \(new.checkpoint.root) \
            begin with the \(file.oldSize) events of the older checkpoint.
            """
        )
    }

    private func show(_ file: ProofFile, _ trusted: TrustedCheckpoint, _ leaf: [UInt8]) {
        let event = StoredEvent(leaf: leaf, position: Int64(file.index) + 1)
        if options.isJSON {
            return Terminal.show(
                .compact([
                    ("ok", .bool(true)), ("position", .integer(Int(file.index) + 1)),
                    ("type", event.map { .string($0.type) }),
                    ("size", .integer(Int(trusted.checkpoint.size))),
                    ("root", .string(trusted.checkpoint.root.description)),
                    ("witnesses", .array(trusted.witnesses.map { .string($0.verifier.name) })),
                ])
            )
        }
        let what = event.map { ", '\($0.type)' of stream '\($0.stream)'," } ?? ""
        Terminal.show(
            """
            The proof holds: event \(file.index + 1)\(what) is one of the \
            \(trusted.checkpoint.size) events that '\(trusted.checkpoint.origin)' signed under root \
            \(trusted.checkpoint.root).
            """
        )
    }
}

/// Files that come from outside.
enum InputFile {
    /// The bytes of a file; `-` is standard input.
    static func bytes(_ path: String) throws -> [UInt8] {
        if path == "-" { return Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw CommandFailure(
                .badInput,
                "'\(path)' cannot be read. Check the path and its permissions."
            )
        }
    }

    /// The text of a file.
    static func text(_ path: String) throws -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw NoteError.malformed("'\(path)' is no text in UTF-8")
        }
        return text
    }
}

extension [NoteVerifier] {
    /// The key among these that a checkpoint says it is signed by; the first if it is none of them,
    /// so that checking says what is wrong.
    ///
    /// - Throws: ``CommandFailure`` for no keys at all.
    fileprivate func signer(of note: SignedNote) throws -> NoteVerifier {
        let named = first { key in
            note.signatures.contains { $0.name == key.name && $0.keyID == key.keyID }
        }
        guard let key = named ?? first else {
            throw CommandFailure(.configuration, "The ledger has no key. Give --public-key.")
        }
        return key
    }
}

extension CheckpointKeeper {
    fileprivate func signer(of note: SignedNote) throws -> NoteVerifier {
        try verifiers.signer(of: note)
    }
}
