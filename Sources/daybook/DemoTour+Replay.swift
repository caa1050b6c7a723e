import Audit
import Domain
import Foundation
import Journal
import Pipeline

// The steps of the demonstration that read history again.
extension DemoTour {
    private static let field: FieldName = "Last_Booking_Status__c"

    /// Asks what a rule would have done, had it been there from the beginning.
    ///
    /// - Returns: The settings with that rule.
    func askWhatIf(_ session: Session) async throws -> [ScopedSettings] {
        heading(7, "What if bookings had set \(Self.field.rawValue) from the beginning?")
        var settings = try SettingsFile.read("\(folder)/settings.yaml", scope: nil)
        for place in settings.indices {
            settings[place].settings.attendeeOnBooking.append(
                FieldRule(
                    field: Self.field,
                    type: .text,
                    value: .template("Booked"),
                    when: .always
                )
            )
        }
        let request = ReplayRequest(settings: .document(settings), fields: [Self.field])
        let plan = try await session.synchronizer().replay(request)
        let versions = try await session.journal.settingsRevisions().count
        Terminal.show(
            """
               \("record".counted(plan.summary.update)) would be updated, and \
            \("field".counted(plan.summary.heldFields)) held back. Nothing was written, and the settings are
               still the \(versions) versions of the beginning.
            """
        )
        return settings
    }

    /// Accepts settings for all of history, and writes what they call for in one field.
    func backFill(_ session: Session, _ settings: [ScopedSettings]) async throws {
        heading(8, "Accept it for all history, and back-fill that field alone")
        let (revisions, _) = try await SettingsAcceptance(session: session)
            .accept(settings, validity: .allHistory)
        let newest = revisions.map(\.version).max() ?? SettingsVersion(0)
        let synchronizer = try session.synchronizer()
        let request = ReplayRequest(settings: .version(newest), fields: [Self.field])
        let plan = try await synchronizer.replay(request)
        Terminal.show(
            "   $ daybook replay --settings \(newest.rawValue) --fields \(Self.field.rawValue) "
                + "--out plan.json\n"
        )
        let first = Array(plan.operations.filter(\.isWrite).prefix(1))
        let text = PlanText(operations: first, summary: plan.summary).text
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            Terminal.show(line.isEmpty ? "" : "   \(line)")
        }
        let file = synchronizer.document(of: plan, isRevealed: false)
        let report = try await synchronizer.apply(file)
        Terminal.show(
            """

               $ daybook apply plan.json

               \("record".counted(report.summary.update)) updated: no other field was read or written.
            """
        )
        guard report.summary.update == plan.summary.update, report.stale.isEmpty else {
            throw CommandFailure(.failed, "The back-fill was not applied as it was planned.")
        }
    }
}
