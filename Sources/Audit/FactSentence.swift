import Domain

extension BookingFact {
    /// What the fact says, on one line; holds personal data.
    var sentence: String {
        switch self {
        case .requested(let booking, let predecessor):
            let replaced = predecessor.map { " in place of booking \($0.uid.rawValue)" } ?? ""
            return "\(booking.whoInWords) asked for \(booking.whatInWords)\(replaced); "
                + "a host has to confirm it"
        case .confirmed(let booking):
            return "\(booking.whoInWords) booked \(booking.whatInWords)"
        case .rescheduled(let booking, let predecessor):
            return Self.sentence(booking, from: predecessor, isSeatMove: isSeatMove)
        case .reassigned(let booking):
            return "handed over to \(booking.organizer?.inWords ?? "another host")"
        case .relocated(let booking, let previously):
            return "moved from \(previously ?? "its former place") to "
                + (booking.location ?? "another place")
        case .cancelled(_, let cancellation):
            return cancellation.sentence + Self.because(cancellation.reason)
        case .rejected(_, let reason):
            return "declined by the host" + Self.because(reason)
        case .attendance(let report):
            return report.sentence
        case .meetingStarted:
            return "the scheduled start passed"
        case .meetingEnded:
            return "the scheduled end passed"
        case .paid(_, let payment):
            return payment.sentence
        case .observed(let booking, let observation):
            return observation.sentence(booking)
        case .formSubmitted(let form):
            return form.sentence
        case .formAbandoned(let form):
            return "\(form.sentence), and booked nothing"
        }
    }

    private static func because(_ reason: String?) -> String {
        reason.map { ", reason: \($0)" } ?? ""
    }

    private static func sentence(
        _ booking: Booking,
        from predecessor: Predecessor,
        isSeatMove: Bool
    ) -> String {
        let mover = predecessor.movedBy.map { " by \($0.rawValue)" } ?? ""
        let former = predecessor.slot?.inWords ?? "its former time"
        let now = booking.slot?.inWords ?? "an unknown time"
        guard !isSeatMove else {
            return "\(booking.whoInWords) moved a seat from booking \(predecessor.uid.rawValue) "
                + "to \(now)\(mover)"
        }
        return "rescheduled from \(former) (booking \(predecessor.uid.rawValue)) to \(now)\(mover)"
    }
}

extension Booking {
    fileprivate var whoInWords: String {
        let booker = attendees.first { $0.email != nil && $0.email == bookerEmail }
        return booker?.inWords ?? bookerEmail?.rawValue ?? attendees.first?.inWords ?? "somebody"
    }

    fileprivate var whatInWords: String {
        let title = title.map { "'\($0)'" } ?? "a meeting"
        let time = slot.map { " for \($0.inWords)" } ?? ""
        let host = organizer.map { " with \($0.inWords)" } ?? ""
        return title + time + host
    }
}

extension Cancellation {
    fileprivate var sentence: String {
        let by = cancelledBy.map { " by \($0.rawValue)" } ?? ""
        return switch kind {
        case .booking: "cancelled\(by)"
        case .rescheduleRequested: "the attendee was asked to choose another time\(by)"
        case .seat: "a seat was given up\(by)"
        case .series: "cancelled with all later bookings of its series\(by)"
        }
    }
}

extension AttendanceReport {
    fileprivate var sentence: String {
        let manner = source == .automatic ? "automatically" : "by hand"
        let marks = marks.map { mark in
            let role = mark.isHost ? "host " : ""
            let state = mark.isNoShow ? "marked as no-show" : "no longer marked as no-show"
            return "\(role)\(mark.party.inWords) \(state)"
        }
        return marks.isEmpty ? "nobody was marked" : "\(marks.listed), \(manner)"
    }
}

extension Observation {
    fileprivate func sentence(_ booking: Booking) -> String {
        let successor = successor.map { "; booking \($0.rawValue) took its place" } ?? ""
        let predecessor = predecessor.map { "; it took the place of booking \($0.rawValue)" } ?? ""
        let meanings = meanings(of: booking).map(\.sentence)
        let news = meanings.isEmpty ? "it is \(status.rawValue)" : meanings.listed
        return "seen in Cal.com, and told by no webhook (\(gaps.map(\.rawValue).listed)): "
            + news + predecessor + successor
    }
}

extension Payment {
    fileprivate var sentence: String {
        let price = amount.map { amount in
            let cents = String(amount % 100)
            let fraction = String(repeating: "0", count: 2 - min(2, cents.count)) + cents
            return " of \(amount / 100).\(fraction) \(currency?.uppercased() ?? "")"
        }
        let state = isComplete ? "was made" : "was started"
        return "a payment\((price ?? "").trimmingEnd) \(state)"
    }
}

extension FormSubmission {
    fileprivate var sentence: String {
        let who = submitter?.inWords ?? "somebody"
        return "\(who) answered the routing form '\(name ?? form)'"
    }
}

extension String {
    fileprivate var trimmingEnd: Substring { hasSuffix(" ") ? dropLast() : self[...] }
}
