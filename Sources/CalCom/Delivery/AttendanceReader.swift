import Domain

/// Reads who did not show up.
///
/// | trigger                         | source    | marks                                          |
/// |---------------------------------|-----------|------------------------------------------------|
/// | BOOKING_NO_SHOW_UPDATED         | manual    | each of `attendees` as its `noShow` says       |
/// | AFTER_GUESTS_CAL_VIDEO_NO_SHOW  | automatic | the absent of `guests`, else all `attendees`   |
/// | AFTER_HOSTS_CAL_VIDEO_NO_SHOW   | automatic | the host of `hostEmail`                        |
///
/// Source: `facts/calcom.md` 1.6.
struct AttendanceReader {
    let trigger: Trigger
    let content: JSON

    func report() throws(UnusablePart) -> AttendanceReport {
        let named = content.filledText("bookingUid") ?? content.filledText("uid")
        guard let uid = named.flatMap(BookingUID.init) else {
            throw UnusablePart(reason: "the report names no booking")
        }
        let marks = marks
        guard !marks.isEmpty else { throw UnusablePart(reason: "the report marks nobody") }
        return AttendanceReport(
            booking: uid,
            eventType: (content["eventType"]?.whole("id") ?? content.whole("eventTypeId"))
                .map(EventTypeID.init),
            source: trigger == .bookingNoShowUpdated ? .manual : .automatic,
            marks: marks
        )
    }

    private var marks: [AttendanceReport.Mark] {
        switch trigger {
        case .guestsDidNotJoin: absentGuests.map { mark($0, isNoShow: true) }
        case .hostsDidNotJoin: absentHost.map { [mark($0, isHost: true, isNoShow: true)] } ?? []
        default:
            people("attendees").compactMap { party in party.noShow.map { mark(party, isNoShow: $0) }
            }
        }
    }

    /// Everybody, unless `guests` tells them apart.
    ///
    /// Before December 2025 there was no `guests`, and `noShow` was false for everybody; the
    /// trigger itself means that nobody joined.
    private var absentGuests: [Party] {
        let guests = people("guests")
        guard !guests.isEmpty else { return people("attendees") }
        let absent = guests.filter { $0.noShow != false }
        return absent.isEmpty ? guests : absent
    }

    private var absentHost: Party? {
        guard content["noShowHost"]?.bool != false else { return nil }
        return content.email("hostEmail").map { Party(email: $0) }
    }

    private func people(_ name: String) -> [Party] {
        (content[name]?.array ?? []).compactMap(PartyReader.party).filter { $0.email != nil }
    }

    private func mark(
        _ party: Party,
        isHost: Bool = false,
        isNoShow: Bool
    ) -> AttendanceReport.Mark {
        var party = party
        // The mark says it; keeping it twice would let the two differ.
        party.noShow = nil
        return AttendanceReport.Mark(party: party, isHost: isHost, isNoShow: isNoShow)
    }
}
