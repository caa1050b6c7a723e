public import Domain
import Journal
import Projection

/// One meeting in a line: what, when, and where it stands.
public struct AppointmentSummary: Hashable, Sendable {
    /// The meeting.
    public var appointment: AppointmentID
    /// Its title, which is personal data; nil when no delivery told it, or when it was erased.
    public var title: String?
    /// When it begins, as last told.
    public var start: Instant?
    /// When it ends, as last told.
    public var end: Instant?
    /// Where it stands, as a reason code.
    public var status: Reason
}

extension Audit {
    /// Tells meetings in a line each, in the order asked for.
    ///
    /// - Parameter appointments: The meetings; unknown ones are left out.
    /// - Returns: The meetings.
    /// - Throws: An error of the ledger.
    public func summaries(of appointments: [AppointmentID]) async throws -> [AppointmentSummary] {
        let settings = SettingsTimeline(try await journal.settingsRevisions())
        var summaries: [AppointmentSummary] = []
        for appointment in appointments {
            guard let history = try await journal.history(ofBooking: appointment.root) else {
                continue
            }
            // Along the chain the last booking counts, and of that what was told last.
            let bookings = history.facts.sorted { $0.occurred < $1.occurred }
                .compactMap(\.fact.booking)
            let newest = bookings.last { $0.uid == history.uids.last } ?? bookings.last
            let known = newest.flatMap { $0.slot } ?? bookings.last { $0.slot != nil }?.slot
            summaries.append(
                AppointmentSummary(
                    appointment: appointment,
                    title: newest?.title ?? bookings.last { $0.title != nil }?.title,
                    start: known?.start,
                    end: known?.end,
                    status: AppointmentProjector.project(history, settings: settings).status
                )
            )
        }
        return summaries
    }
}
