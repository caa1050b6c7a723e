import Domain

/// The appointments that are still to be looked at, each of them handed out once.
struct AppointmentQueue {
    private let appointments: [AppointmentID]
    private var place = 0
    private var waiting: Set<AppointmentID>
    private let window: ReplayWindow?
    /// Appointments behind the window that were taken along with it.
    private(set) var further: [AppointmentID] = []

    /// Queues appointments.
    ///
    /// - Parameters:
    ///   - appointments: The appointments, in their order.
    ///   - window: The window of a replay that they are; nil if they are not walked in windows.
    init(_ appointments: [AppointmentID], _ window: ReplayWindow?) {
        (self.appointments, self.window) = (appointments, window)
        waiting = Set(appointments)
    }

    /// The next appointments that nobody took; nil at the end.
    mutating func next(_ most: Int) -> [AppointmentID]? {
        var chunk: [AppointmentID] = []
        while chunk.count < most, place < appointments.count {
            let appointment = appointments[place]
            if waiting.remove(appointment) != nil { chunk.append(appointment) }
            place += 1
        }
        return chunk.isEmpty ? nil : chunk
    }

    /// Takes an appointment out of its turn: one of this queue, or one behind the window.
    ///
    /// - Parameters:
    ///   - appointment: The appointment.
    ///   - isFree: Whether it may be taken from behind the window; what was taken there before is
    ///     not remembered here.
    /// - Returns: Whether it is the caller's now; false where its turn was before, or is to come in
    ///   another window, and where there is no more room.
    mutating func take(_ appointment: AppointmentID, fromBehind isFree: Bool) -> Bool {
        if waiting.remove(appointment) != nil { return true }
        guard isFree, let window, appointment > window.last, further.count < window.room else {
            return false
        }
        further.append(appointment)
        return true
    }
}
