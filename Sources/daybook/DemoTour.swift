import Audit
import CalCom
import Domain
import Foundation
import Journal
import Ledger
import Pipeline
import Salesforce

/// The steps of the demonstration, in the order in which a newcomer should see them.
struct DemoTour {
    let folder: String
    let address: String

    func run() async throws {
        let session = try makeSession()
        do {
            try await show(session)
            try await session.close()
        } catch {
            // The first error is the one to report; closing may fail in its wake.
            do { try await session.close() } catch { Terminal.tell("\(error)") }
            throw error
        }
    }

    func makeSession() throws -> Session {
        let path = "\(folder)/daybook.yaml"
        let text = """
            ledger: daybook.sqlite
            salesforce:
              instanceURL: \(address)
              apiVersion: "62.0"
              auth: { flow: accessToken }
            calcom: {}

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let environment = ["DAYBOOK_SALESFORCE_ACCESS_TOKEN": "demo-token"]
        return try Session(Configuration.load(path, environment: environment))
    }

    private func show(_ session: Session) async throws {
        Terminal.show(
            """
            \(Terminal.paint("Daybook", .bold)) keeps Salesforce in step with Cal.com bookings, and can \
            explain everything it did.
            A local org is running at \(address), with accounts, contacts and leads of fictional people.
            """
        )
        try await acceptSettings(session)
        try await takeIn(session)
        let record = try await apply(session)
        try await respectAnEdit(session, record)
        try await explain(session, record)
        let settings = try await askWhatIf(session)
        try await backFill(session, settings)
        try await verify(session)
        try await prove(session)
        try await erase(session, record)
        farewell()
    }

    func heading(_ number: Int, _ text: String) {
        Terminal.show("\n" + Terminal.paint("\(number). \(text)", .bold) + "\n")
    }

    // MARK: Steps

    private func acceptSettings(_ session: Session) async throws {
        heading(1, "Settings: what should happen for which event type")
        let file = try DemoFiles.copy("settings.yaml", to: folder)
        let settings = try SettingsFile.read(file, scope: nil)
        let (revisions, _) = try await SettingsAcceptance(session: session)
            .accept(settings, validity: .fromNow)
        for revision in revisions {
            let mode = revision.settings?.attendeeRecord.rawValue ?? ""
            let name =
                revision.scope == .everyEventType
                ? "all others" : "event type \(revision.scope.name)"
            Terminal.show("   \(name.padding(to: 18)) attendees as \(mode)")
        }
        Terminal.show(
            "   Every field was checked against the org's describe before it was accepted."
        )
    }

    private func takeIn(_ session: Session) async throws {
        heading(2, "Deliveries: a fortnight of webhooks, as Cal.com sends them")
        let file = try DemoFiles.copy("deliveries.ndjson", to: folder)
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        let summary = try await session.intake().take(file: bytes)
        let forged = try await refuseForgery(session)
        Terminal.show(
            """
               \("delivery".counted(summary.deliveries, plural: "deliveries")): \(summary.appended) appended, \(summary.duplicates) \
            duplicates recognised, \(summary.unrecognised) with a trigger nobody knows (kept and counted),
               and \(forged) with a forged signature, refused with 401 and kept as evidence.
               Reschedules, cancellations, no-shows, guests, seats and a series; one reschedule arrived \
            before its booking.
            """
        )
    }

    /// Hands a delivery with a forged signature to the same check as the webhook receiver uses.
    private func refuseForgery(_ session: Session) async throws -> Int {
        let json = try JSON(parsing: Array(DemoFiles.data("forged.json")))
        let body = Array((json["body"]?.string ?? "").utf8)
        let signature = json["headers"]?[WebhookSignature.headerName]?.string
        let check = WebhookSignature(secrets: ["the demonstration's secret"])
        guard !check.isAuthentic(body: body, signature: signature) else {
            throw CommandFailure(.failed, "A forged signature was taken for authentic.")
        }
        try await session.intake().refuse(webhook: body, headers: [:])
        return try await session.journal.deliveryCounts()[.forged] ?? 0
    }

    /// Shows the plan, applies it, and shows that a second plan is empty.
    ///
    /// - Returns: An event record to go on with.
    private func apply(_ session: Session) async throws -> PlanOperation {
        let synchronizer = try session.synchronizer()
        heading(3, "Plan: what would change, field by field, with a reason for each")
        let plan = try await synchronizer.plan()
        show(plan)
        heading(4, "Apply")
        let report = try await synchronizer.reconcile()
        Terminal.show("   " + line(report.summary, isDone: true))
        let second = try await synchronizer.plan(.everything)
        Terminal.show("   A second look at everything: " + line(second.summary, isDone: false))
        let writes = second.summary.create + second.summary.update + second.summary.delete
        guard writes == 0, report.summary.failed == 0 else {
            throw CommandFailure(.failed, "The second plan should be empty, and is not.")
        }
        guard let record = report.operations.first(where: isWorthEditing) else {
            throw CommandFailure(.failed, "The run made no event record to go on with.")
        }
        guard case .event(let uid) = record.subject,
            let link = try await session.journal.links(of: [.event(uid)]).values.first
        else { throw CommandFailure(.failed, "The event record that was made is not linked.") }
        var linked = record
        linked.record = link.record
        return linked
    }

    private func isWorthEditing(_ operation: PlanOperation) -> Bool {
        operation.kind == .create && operation.object == .eventRecord
            && operation.written.contains { $0.field == "Demo_Type__c" }
    }

    /// One block of each kind; the rest is counted.
    private func show(_ plan: SyncPlan) {
        let kinds: [(PlanOperation.Kind, ObjectName)] = [
            (.create, .lead), (.update, .contact), (.create, .eventRecord),
        ]
        let shown = kinds.compactMap { kind, object in
            plan.operations.first { $0.kind == kind && $0.object == object }
        }
        let text = PlanText(operations: shown, summary: plan.summary).text
        let indented = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "   \($0)" }
        let rest = plan.operations.count { $0.isWrite } - shown.count
        Terminal.show(indented.dropLast(1).joined(separator: "\n"))
        Terminal.show("   … and \(rest) more records.\n\n\(indented.last ?? "")")
    }

    private func line(_ summary: RunSummary, isDone: Bool) -> String {
        let line = PlanText(operations: [], summary: summary, isDone: isDone).text
        return String(line.split(separator: "\n").last ?? "")
    }

    /// Edits a subject as a person would, and shows that it is respected.
    private func respectAnEdit(_ session: Session, _ operation: PlanOperation) async throws {
        heading(5, "A person edits the subject in Salesforce")
        guard let record = operation.record else { return }
        let org = DemoOrg(address: address)
        try await org.edit(
            record,
            "Subject",
            to: "Call Priya before this one",
            as: "admin@example.com"
        )
        let plan = try await session.synchronizer().plan(.everything)
        let held = plan.operations.first { $0.record == record }?.fields
            .first { $0.field == "Subject" }
        Terminal.show(
            """
               Mara Admin writes "Call Priya before this one". Daybook looks again at everything:
               Subject is held back (\(held?.reason.rawValue ?? "not at all")), and \
            \("record".counted(plan.summary.update)) would be updated. Her edit stands.
            """
        )
    }

    private func explain(_ session: Session, _ operation: PlanOperation) async throws {
        heading(6, "Explain: why does this field look like this?")
        guard let record = operation.record else { return }
        let explanation = try await Audit(journal: session.journal)
            .explain(record: record, field: "Demo_Type__c", live: nil as JSON?)
        Terminal.show("   $ daybook explain \(record.rawValue) Demo_Type__c\n")
        for line in explanation.text.split(separator: "\n", omittingEmptySubsequences: false) {
            Terminal.show("   \(line)")
        }
    }

    private func verify(_ session: Session) async throws {
        heading(9, "Verify: every hash of the ledger, recomputed")
        let report = try await session.journal.ledger.verify()
        guard report.isSound else {
            throw CommandFailure(.integrity, report.problems.joined(separator: "\n"))
        }
        Terminal.show("   \(report.events) events, root \(report.root): no problems found")
    }

    /// Proves one event, and has the proof checked by a script that knows nothing of Daybook.
    private func prove(_ session: Session) async throws {
        heading(10, "Prove: one event, for somebody who does not trust us")
        let ledger = session.journal.ledger
        guard let keeper = ledger.keeper else { return }
        try await ledger.makeCheckpoint()
        var (proof, leaf) = try await ledger.prove(1)
        proof.extra = leaf
        let (file, key) = ("\(folder)/1.tlog-proof", "\(folder)/public-key")
        try Data(proof.text.utf8).write(to: URL(fileURLWithPath: file))
        try Data((keeper.signer.verifier.text + "\n").utf8).write(to: URL(fileURLWithPath: key))
        let script = try DemoFiles.copy("check_export.py", to: folder)
        Terminal.show("   $ python3 \(script) \(file) \(key)\n")
        let answer = try python([script, file, key])
        Terminal.show("   \(answer ?? "(Python 3 is not on this machine; run it where it is.)")")
    }

    /// What the script says; nil if there is no Python here.
    private func python(_ arguments: [String]) throws -> String? {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        // The status by which a shell says that there is no such program.
        if process.terminationStatus == 127 { return nil }
        guard process.terminationStatus == 0 else {
            throw CommandFailure(.integrity, "The script says that the proof does not hold.")
        }
        return text.trimmingWhitespace()
    }

    /// Forgets the person of a meeting, and shows what is left.
    private func erase(_ session: Session, _ operation: PlanOperation) async throws {
        heading(11, "Forget: a person asks to be erased")
        guard case .event(let uid) = operation.subject,
            let history = try await session.journal.history(ofBooking: uid),
            let email = history.facts.lazy.compactMap(\.fact.booking?.bookerEmail).first
        else { throw CommandFailure(.failed, "The meeting has no booker to go on with.") }
        let receipt = try await session.journal.erase(email, actor: "operator")
        let trace = try await Audit(journal: session.journal).trace(booking: uid)
        let report = try await session.journal.ledger.verify()
        let plan = try await session.synchronizer().plan(.everything)
        guard report.isSound, plan.summary.create == 0, !trace.text.contains(email.rawValue) else {
            throw CommandFailure(.integrity, "Something did not survive the erasure.")
        }
        Terminal.show(
            """
               $ daybook privacy erase \(email.rawValue)

               \(receipt.fence.parts) sealed parts, their key and \
            \("kept delivery".counted(receipt.fence.deliveries, plural: "kept deliveries")) are gone, \
            by event \(receipt.position.rawValue).
               The ledger verifies, every proof holds, nothing is created again, and the trace says:
            """
        )
        let told = trace.text.split(separator: "\n").first { $0.contains("an erased person") }
        Terminal.show("   \(told.map(String.init)?.trimmingWhitespace() ?? "")")
    }

    private func farewell() {
        Terminal.show(
            """

            \(Terminal.paint("Go on by hand", .bold))

               The ledger is in \(folder). The org ended with this demonstration; start one of your own:

               daybook emulator --port 8931 &
               export DAYBOOK_SALESFORCE_ACCESS_TOKEN=anything
               daybook init                            writes daybook.yaml for that org
               daybook settings apply \(folder)/settings.yaml
               daybook ingest \(folder)/deliveries.ndjson
               daybook plan
               daybook reconcile
               daybook status
            """
        )
    }
}
