import ArgumentParser
import Audit
import Domain
import Foundation
import Journal
import Ledger

/// What is known of a person, and how it goes.
struct PrivacyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "privacy",
        abstract: "Find, hand out or erase what the ledger knows of a person.",
        subcommands: [PrivacyFind.self, PrivacyExport.self, PrivacyErase.self]
    )
}

/// The person that a command is about.
struct PersonArgument: ParsableArguments {
    @Argument(help: "The person's address.")
    var email: String

    func address() throws -> EmailAddress { try EmailAddress(argument: email) }
}

/// Where data about a person is.
struct PrivacyFind: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Say where data about a person is, without showing it.",
        discussion: """
            That somebody looked is recorded in the ledger.

              daybook privacy find dana@example.com
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var person: PersonArgument

    func run() async throws {
        let address = try person.address()
        let findings = try await options.withSession { session in
            let progress = Progress()
            return try await session.journal.find(address, purpose: "find", actor: "operator") {
                progress.tell("\($0) events searched")
            }
        }
        if options.isJSON { return Terminal.show(findings.json) }
        let state = findings.erased.map { "erased by event \($0.rawValue)" } ?? "known"
        Terminal.show(
            """
            person \(findings.person.rawValue): \(state)
            \("sealed part".counted(findings.parts)) in \("event".counted(findings.events.count))
            \("part".counted(findings.mentions)) about other people that name the person
            \("kept delivery".counted(findings.deliveries, plural: "kept deliveries"))
            \("appointment".counted(findings.appointments.count))
            """
        )
        for record in findings.records {
            Terminal.show("\(record.object.rawValue) \(record.record.rawValue) in Salesforce")
        }
    }
}

/// A person's own data, for the person.
struct PrivacyExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print everything that is kept about a person, as JSON.",
        discussion: """
            For a person who asks. Holds personal data in clear: send it to nobody else. That it was \
            made is recorded in the ledger.

              daybook privacy export dana@example.com > dana.json
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var person: PersonArgument

    func run() async throws {
        let address = try person.address()
        let document = try await options.withSession { session -> JSON in
            let journal = session.journal
            let findings = try await journal.find(address, purpose: "export", actor: "operator")
            return .compact([
                ("findings", findings.json),
                ("parts", .array(try await journal.disclosure(of: findings.person))),
            ])
        }
        Terminal.show(document)
    }
}

/// Forgets a person.
struct PrivacyErase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase a person, for good, and print a receipt.",
        discussion: """
            Destroys the person's keys and all that is sealed under them, takes the person out of \
            what others' bookings say, empties kept deliveries that name the person, the write-ahead \
            log and copies made on migration. What happened stays provable; who it was is gone. \
            Records in Salesforce are not touched: the receipt names them.

              daybook privacy erase dana@example.com --receipt receipt.json
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var person: PersonArgument

    @Option(help: "Write the receipt to this file, too.")
    var receipt: String?

    func run() async throws {
        let address = try person.address()
        let (document, text) = try await options.withSession { session in
            let progress = Progress()
            let erased = try await session.journal.erase(address, actor: "operator") {
                progress.tell("\($0) events searched")
            }
            let words = ReceiptWords(receipt: erased, backupDays: session.configuration.backupDays)
            return (words.json, words.text)
        }
        // First: if the file cannot be written, this is the only receipt there will ever be.
        if options.isJSON { Terminal.show(document) } else { Terminal.show(text) }
        if let receipt { try keep(document, in: receipt) }
    }

    private func keep(_ document: JSON, in receipt: String) throws {
        do {
            try OutputFile.write(document.prettyText + "\n", to: receipt)
        } catch {
            if !options.isJSON { Terminal.show(document) }
            throw CommandFailure(
                .failed,
                """
                The person was erased, but the receipt cannot be written to '\(receipt)'. Keep the \
                one that was printed; it cannot be made again.
                """
            )
        }
    }
}

extension PersonFindings {
    /// The findings as data.
    fileprivate var json: JSON {
        .compact([
            ("person", .string(person.rawValue)),
            ("erased", erased.map { .integer($0.rawValue) }),
            ("events", .array(events.map { .integer($0.rawValue) })),
            ("parts", .integer(parts)),
            ("mentions", .integer(mentions)),
            ("deliveries", .integer(deliveries)),
            ("appointments", .array(appointments.map { .string($0.root.rawValue) })),
            ("records", .array(records.map(\.summary))),
        ])
    }
}

extension RecordLink {
    /// Object and id.
    fileprivate var summary: JSON {
        .compact([("object", .string(object.rawValue)), ("record", .string(record.rawValue))])
    }
}

/// The receipt of an erasure, for people and for programs.
struct ReceiptWords {
    let receipt: ErasureReceipt
    let backupDays: Int

    /// What stays, and why.
    var remains: [String] {
        var remains = [
            """
            events without personal data (times, uids, states), because proofs and the history of \
            bookings rest on them
            """,
            """
            digests of what was erased; the keys are gone, so nobody can compare them with anything
            """,
            """
            a keyed digest of the address, so that the person is not taken in again by an old \
            delivery or an old copy
            """,
            """
            keyed digests of values written to event records, by which edits are recognised
            """,
        ]
        for record in receipt.records {
            remains.append(
                """
                \(record.object.rawValue) \(record.record.rawValue) in Salesforce, which Daybook \
                does not delete: decide there
                """
            )
        }
        remains.append(
            """
            backups and exports made before, until they are \(backupDays) days old; a restored \
            backup repeats the erasure
            """
        )
        return remains
    }

    var json: JSON {
        let fence = receipt.fence
        return .compact([
            ("person", .string(receipt.person.rawValue)),
            ("event", .integer(receipt.position.rawValue)),
            ("parts", .integer(fence.parts)),
            ("redacted", .integer(fence.redacted.count)),
            ("deliveries", .integer(fence.deliveries)),
            ("copies", .array(receipt.copies.map(JSON.string))),
            ("remains", .array(remains.map(JSON.string))),
            ("backupDays", .integer(backupDays)),
            ("commitments", .array(commitments)),
            ("proof", receipt.proof.map { .string($0.text) }),
        ])
    }

    /// The digests whose contents are gone, by place.
    private var commitments: [JSON] {
        receipt.commitments.sorted {
            ($0.key.position, $0.key.part) < ($1.key.position, $1.key.part)
        }.map { place, commitment in
            .compact([
                ("event", .integer(place.position)), ("part", .string(place.part)),
                ("ciphertext", .string(commitment.ciphertextHash.hexadecimal)),
            ])
        }
    }

    var text: String {
        let fence = receipt.fence
        let copies = receipt.copies.isEmpty ? "none" : receipt.copies.joined(separator: ", ")
        return """
            Erased person \(receipt.person.rawValue), by event \(receipt.position.rawValue).

              sealed parts destroyed     \(fence.parts)
              parts about others redone  \(fence.redacted.count)
              kept deliveries emptied    \(fence.deliveries)
              copies removed             \(copies)

            What remains:
            \(remains.map { "  - \($0)" }.joined(separator: "\n"))

            Proof of the event: daybook ledger prove \(receipt.position.rawValue)
            """
    }
}
