import Domain
import Projection
import Testing

@Suite("Erased people")
struct ErasedPeopleTests {
    /// A booking by Ada with Ben as guest, as it reads after one of them was erased.
    private static func booking(
        erased name: String,
        people: [Party] = [.ada, .ben]
    ) -> Booking {
        .sample(people: people) { booking in
            booking.attendees = people.map { party in
                guard party.person?.rawValue == name else { return party }
                var gone = Party(email: nil)
                gone.person = party.person
                return gone
            }
            guard name == "ada" else { return booking.bookerEmail = Party.ada.email }
            (booking.bookerEmail, booking.erasedBooker) = (nil, "ada")
            (booking.title, booking.isMeetingErased) = (nil, true)
        }
    }

    private static let settings = SettingsTimeline.sample {
        $0.attendeeOnBooking = [.text("Note__c", "always")]
        $0.eventRecordOnBooking = [.text("Booked_By__c", "{attendee_email}")]
    }

    private func projected(_ booking: Booking) -> ProjectedAppointment {
        AppointmentProjector.project(
            .sample([(1, .confirmed(booking))]),
            settings: Self.settings
        )
    }

    @Test("leave what stands in Salesforce alone: only what is empty is filled")
    func booker() {
        let projected = projected(Self.booking(erased: "ada"))
        for field: FieldName in ["Subject", "Location", "Description"] {
            #expect(projected.assertion(field)?.policy == .whenEmpty, "\(field)")
        }
        #expect(projected.assertion("StartDateTime")?.policy == .always)
        #expect(projected.eventRecord?.attendees?.assertions.last?.policy == .whenEmpty)
        #expect(projected.assertion("Booked_By__c") == nil, "a value that is gone is not formed")
    }

    @Test("were taken out of what others said: that is written nowhere over what stands there")
    func mentioned() {
        let booking = Booking.sample(people: [.ben]) { booking in
            booking.bookerEmail = Party.ben.email
            booking.title = "Ben and [erased]"
            booking.location = "Room [4]"
            booking.answers["company"] = .text("The firm of [erased]")
        }
        let settings = SettingsTimeline.sample {
            $0.attendeeOnBooking = [.text("Note__c", "{company}"), .text("Other__c", "[x]")]
        }
        let projected = AppointmentProjector.project(
            .sample([(1, .confirmed(booking))]),
            settings: settings
        )
        #expect(projected.assertion("Subject")?.policy == .whenEmpty)
        #expect(projected.assertion("Description")?.policy == .whenEmpty)
        #expect(projected.assertion("Location")?.policy == .always)
        let assertions = projected.contributions.first?.assertions
        #expect(assertions?["Note__c"]?.map(\.policy) == [.whenEmpty])
        #expect(assertions?["Other__c"]?.map(\.policy) == [.always])
    }

    @Test("have no record, and their place is not taken by the next person")
    func nobodyElse() {
        for people: [Party] in [[.ada, .ben], [.ben, .ada]] {
            let projected = projected(Self.booking(erased: "ada", people: people))
            let records = PersonProjector.fold(projected.contributions)
            #expect(records.map(\.key.person) == ["ben"])
            #expect(records.first?.fields.isEmpty == true, "Ben did not book")
        }
    }

    @Test("who were guests leave the booker's values as they were")
    func guest() {
        let projected = projected(Self.booking(erased: "ben"))
        #expect(projected.assertion("Subject")?.policy == .always)
        #expect(projected.eventRecord?.attendees?.assertions.last?.policy == .whenEmpty)
        let records = PersonProjector.fold(projected.contributions)
        #expect(records.map(\.key.person) == ["ada"])
        #expect(records.first?.fields.map(\.field) == ["Note__c"])
    }
}
