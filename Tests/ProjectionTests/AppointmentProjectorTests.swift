import Domain
import Projection
import Testing

@Suite("Appointment projector")
struct AppointmentProjectorTests {
    /// What Cal.com told, in the order of arrival, and what Salesforce should show.
    struct Row: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var facts: [Happening]
        var uids: [BookingUID] = ["bk1"]
        var existence: Existence?
        var status: Reason
        /// The minute at which the meeting begins, where there is a record.
        var start: Int? = 600
        var people = ["ada"]
    }

    private static let chain: [BookingUID] = ["bk1", "bk2"]

    static let lives = [
        Row(
            testDescription: "created",
            facts: [(1, .confirmed(.sample()))],
            existence: .required,
            status: .booked
        ),
        Row(
            testDescription: "created twice",
            facts: [(1, .confirmed(.sample())), (1, .confirmed(.sample()))],
            existence: .required,
            status: .booked
        ),
        Row(
            testDescription: "created, rescheduled",
            facts: [
                (1, .confirmed(.sample())), (2, .rescheduled(.sample("bk2", at: 700), from: "bk1")),
            ],
            uids: chain,
            existence: .required,
            status: .booked,
            start: 700
        ),
        Row(
            testDescription: "created, rescheduled, cancelled",
            facts: [
                (1, .confirmed(.sample())), (2, .rescheduled(.sample("bk2", at: 700), from: "bk1")),
                (3, .cancelled(.sample("bk2", at: 700))),
            ],
            uids: chain,
            existence: .removed,
            status: .bookingCancelled,
            start: 700
        ),
        Row(
            testDescription: "rescheduled before created arrived",
            facts: [
                (2, .rescheduled(.sample("bk2", at: 700), from: "bk1")), (1, .confirmed(.sample())),
            ],
            uids: chain,
            existence: .required,
            status: .booked,
            start: 700
        ),
        Row(
            testDescription: "rescheduled, and created never arrived",
            facts: [(2, .rescheduled(.sample("bk2", at: 700), from: "bk1"))],
            uids: chain,
            existence: .required,
            status: .booked,
            start: 700
        ),
        Row(
            testDescription: "the old booking's cancellation is told after the reschedule",
            facts: [
                (1, .confirmed(.sample())), (2, .rescheduled(.sample("bk2", at: 700), from: "bk1")),
                (3, .cancelled(.sample())),
            ],
            uids: chain,
            existence: .required,
            status: .booked,
            start: 700
        ),
        Row(
            testDescription: "relocated, and told late that it was only asked for",
            facts: [(2, .relocated(.sample(), previously: nil)), (1, .requested(.sample()))],
            existence: .ifThere,
            status: .awaitingConfirmation,
            start: nil,
            people: []
        ),
        Row(
            testDescription: "requested only",
            facts: [(1, .requested(.sample()))],
            existence: nil,
            status: .awaitingConfirmation,
            start: nil,
            people: []
        ),
        Row(
            testDescription: "requested, confirmed",
            facts: [(1, .requested(.sample())), (2, .confirmed(.sample()))],
            existence: .required,
            status: .booked
        ),
        Row(
            testDescription: "requested, rejected",
            facts: [(1, .requested(.sample())), (2, .rejected(.sample(), reason: "No"))],
            existence: nil,
            status: .rejected,
            start: nil,
            people: []
        ),
        Row(
            testDescription: "a reschedule is requested: the record stays until it is answered",
            facts: [
                (1, .confirmed(.sample())),
                (2, .requested(.sample("bk2", at: 700), replacing: "bk1")),
            ],
            uids: chain,
            existence: .ifThere,
            status: .awaitingConfirmation
        ),
        Row(
            testDescription: "a reschedule is requested, confirmed",
            facts: [
                (1, .confirmed(.sample())),
                (2, .requested(.sample("bk2", at: 700), replacing: "bk1")),
                (3, .confirmed(.sample("bk2", at: 700))),
            ],
            uids: chain,
            existence: .required,
            status: .booked,
            start: 700
        ),
        Row(
            testDescription: "a reschedule is requested, rejected",
            facts: [
                (1, .confirmed(.sample())),
                (2, .requested(.sample("bk2", at: 700), replacing: "bk1")),
                (3, .rejected(.sample("bk2", at: 700), reason: nil)),
            ],
            uids: chain,
            existence: .removed,
            status: .rejected
        ),
        Row(
            testDescription: "requested, requested anew, confirmed: only the last lives",
            facts: [
                (1, .requested(.sample())),
                (2, .requested(.sample("bk2", at: 700), replacing: "bk1")),
                (3, .confirmed(.sample("bk2", at: 700))),
            ],
            uids: chain,
            existence: .required,
            status: .booked,
            start: 700
        ),
        Row(
            testDescription: "the host asks for another time: no cancellation",
            facts: [(1, .confirmed(.sample())), (2, .cancelled(.sample(), .rescheduleRequested))],
            existence: .ifThere,
            status: .awaitingNewTime
        ),
        Row(
            testDescription: "the host asks for another time, the attendee chooses one",
            facts: [
                (1, .confirmed(.sample())), (2, .cancelled(.sample(), .rescheduleRequested)),
                (3, .rescheduled(.sample("bk2", at: 700), from: "bk1")),
            ],
            uids: chain,
            existence: .required,
            status: .booked,
            start: 700
        ),
        Row(
            testDescription: "what is to take its place is paid for, and waits for the host",
            facts: [
                (1, .confirmed(.sample())),
                (
                    2,
                    .paid(
                        .sample("bk2", at: 700),
                        Payment(isComplete: false, amount: 1, currency: "eur", number: 1)
                    )
                ),
            ],
            uids: chain,
            existence: .required,
            status: .booked,
            start: 600
        ),
        Row(
            testDescription: "the host asks for another time, and the reschedule was lost",
            facts: [
                (1, .confirmed(.sample())), (2, .cancelled(.sample(), .rescheduleRequested)),
                (4, .relocated(.sample("bk2", at: 700), previously: nil)),
            ],
            uids: chain,
            existence: .required,
            status: .booked,
            start: 700
        ),
        Row(
            testDescription:
                "the reschedule was lost, cancelled, and Cal.com's clock says it ended",
            facts: [
                (1, .confirmed(.sample())), (3, .cancelled(.sample("bk2", at: 700))),
                (900, .meetingEnded(.sample("bk2", at: 700), from: "bk1")),
            ],
            uids: chain,
            existence: .removed,
            status: .bookingCancelled
        ),
        Row(
            testDescription: "cancelled, and nothing else arrived",
            facts: [(2, .cancelled(.sample()))],
            existence: nil,
            status: .bookingCancelled,
            start: nil,
            people: []
        ),
        Row(
            testDescription: "paid, and nothing else arrived",
            facts: [
                (
                    2,
                    .paid(
                        .sample(),
                        Payment(isComplete: true, amount: 1, currency: "eur", number: 1)
                    )
                )
            ],
            existence: nil,
            status: .incompleteHistory,
            start: nil,
            people: []
        ),
        Row(
            testDescription: "the meeting ended, and its reschedule was lost",
            facts: [
                (1, .confirmed(.sample())),
                (900, .meetingEnded(.sample("bk2", at: 700), from: "bk1")),
            ],
            uids: chain,
            existence: .required,
            status: .booked,
            start: 700
        ),
        Row(
            testDescription: "the meeting ended, and nothing else arrived",
            facts: [(900, .meetingEnded(.sample(), from: nil))],
            existence: .required,
            status: .booked
        ),
        Row(
            testDescription: "the end of a cancelled meeting's time does not revive it",
            facts: [
                (1, .confirmed(.sample())), (2, .cancelled(.sample())),
                (900, .meetingEnded(.sample(), from: nil)),
            ],
            existence: .removed,
            status: .bookingCancelled
        ),
        Row(
            testDescription: "reassigned, and nothing else arrived",
            facts: [(1, .reassigned(.sample(host: "otto")))],
            existence: .required,
            status: .booked
        ),
        Row(
            testDescription: "a guest comes along",
            facts: [(1, .confirmed(.sample(people: [.ada, .ben])))],
            existence: .required,
            status: .booked,
            people: ["ada", "ben"]
        ),
        Row(
            testDescription: "the booker stands first, wherever the delivery has the booker",
            facts: [
                (1, .confirmed(.sample(people: [.ben, .ada]) { $0.bookerEmail = Party.ada.email }))
            ],
            existence: .required,
            status: .booked,
            people: ["ada", "ben"]
        ),
        Row(
            testDescription: "a host among the attendees is none",
            facts: [
                (
                    1,
                    .confirmed(
                        .sample(people: [.ada, .ben, .cyd]) {
                            $0.organizer = .ben
                            $0.team = [.cyd]
                        }
                    )
                )
            ],
            existence: .required,
            status: .booked
        ),
        Row(
            testDescription: "a former host is none",
            facts: [
                (1, .confirmed(.sample(people: [.ada]) { $0.organizer = .ben })),
                (2, .reassigned(.sample(people: [.ada, .ben], host: "otto"))),
            ],
            existence: .required,
            status: .booked
        ),
        Row(
            testDescription: "a host whom only the end of the meeting names is none",
            facts: [
                (1, .confirmed(.sample(people: [.ada, .ben]))),
                (
                    900,
                    .meetingEnded(.sample(people: [.ada, .ben]) { $0.organizer = .ben }, from: nil)
                ),
            ],
            existence: .required,
            status: .booked
        ),
    ]

    static let seats = [
        Row(
            testDescription: "one",
            facts: [(1, .confirmed(.seat("ada")))],
            existence: .required,
            status: .booked
        ),
        Row(
            testDescription: "two",
            facts: [(1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben")))],
            existence: .required,
            status: .booked,
            people: ["ada", "ben"]
        ),
        Row(
            testDescription: "the same one told twice",
            facts: [(1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ada")))],
            existence: .required,
            status: .booked
        ),
        Row(
            testDescription: "the first of two given up",
            facts: [
                (1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben"))),
                (3, .cancelled(.seat("ada"), .seat)),
            ],
            existence: .required,
            status: .booked,
            people: ["ben"]
        ),
        Row(
            testDescription: "given up, and the delivery names the address only",
            facts: [
                (1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben"))),
                (3, .cancelled(.seat("ada") { $0.attendees = [.ada] }, .seat)),
            ],
            existence: .required,
            status: .booked,
            people: ["ben"]
        ),
        Row(
            testDescription: "all given up",
            facts: [
                (1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben"))),
                (3, .cancelled(.seat("ada"), .seat)), (4, .cancelled(.seat("ben"), .seat)),
            ],
            existence: .removed,
            status: .bookingCancelled,
            people: ["ben"]
        ),
        Row(
            testDescription: "all given up, and taken again",
            facts: [
                (1, .confirmed(.seat("ada"))), (2, .cancelled(.seat("ada"), .seat)),
                (3, .confirmed(.seat("ben"))),
            ],
            existence: .required,
            status: .booked,
            people: ["ben"]
        ),
        Row(
            testDescription: "the owner moves all of them, and the uid stays",
            facts: [
                (1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben"))),
                (3, .rescheduled(.seat("ada", at: 700), from: "bk1")),
            ],
            existence: .required,
            status: .booked,
            start: 700,
            people: ["ada", "ben"]
        ),
        Row(
            testDescription: "one moves away to another booking",
            facts: [
                (1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben"))),
                (3, .rescheduled(.seat("ada", of: "other", at: 700), from: "bk1")),
            ],
            existence: .required,
            status: .booked,
            people: ["ben"]
        ),
        Row(
            testDescription: "one moves away and gets a new seat there",
            facts: [
                (1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben"))),
                (3, .rescheduled(.seat("ada", of: "other", at: 700, seat: "new"), from: "bk1")),
            ],
            existence: .required,
            status: .booked,
            people: ["ben"]
        ),
        Row(
            testDescription: "the only one moves away",
            facts: [
                (1, .confirmed(.seat("ada"))),
                (2, .rescheduled(.seat("ada", of: "other", at: 700), from: "bk1")),
            ],
            existence: .removed,
            status: .bookingCancelled
        ),
        Row(
            testDescription: "the only one, moved in place and unknown by now, moves away",
            facts: [
                (1, .confirmed(.seat("ada"))),
                (2, .rescheduled(.seat("ada") { $0.attendees = [.ada] }, from: "bk1")),
                (3, .rescheduled(.seat("cyd", of: "other", seat: "seat-ada"), from: "bk1")),
            ],
            existence: .removed,
            status: .bookingCancelled
        ),
        Row(
            testDescription: "one moves here from another booking",
            facts: [
                (1, .confirmed(.seat("ben"))),
                (2, .rescheduled(.seat("ada"), from: "other")),
            ],
            existence: .required,
            status: .booked,
            people: ["ben", "ada"]
        ),
        Row(
            testDescription: "one moves here, the first of all",
            facts: [(2, .rescheduled(.seat("ada"), from: "other"))],
            existence: .required,
            status: .booked
        ),
    ]

    @Test("tells where an appointment stands", arguments: lives)
    func life(row: Row) { check(row) }

    @Test("seats people", arguments: seats)
    func seat(row: Row) { check(row) }

    private func check(_ row: Row) {
        let projected = AppointmentProjector.project(
            .sample(row.facts, uids: row.uids),
            settings: .sample()
        )
        #expect(projected.status == row.status)
        #expect(projected.eventRecord?.existence == row.existence)
        #expect(projected.value("StartDateTime") == row.start.map { .value(.instant(.minute($0))) })
        #expect(projected.related == row.people)
        let required = projected.contributions.filter { $0.existence == .required }
        let expected = row.status == .booked ? row.people : []
        #expect(required.map(\.key.person.rawValue).sorted() == expected.sorted())
        #expect(projected.eventRecord.map { $0.uids == row.uids } ?? true)
    }

    // MARK: Settings

    @Test("calls for nothing without settings")
    func noSettings() {
        let history = AppointmentHistory.sample([(1, .confirmed(.sample()))])
        let projected = AppointmentProjector.project(history, settings: SettingsTimeline([]))
        #expect(projected.eventRecord == nil)
        #expect(projected.contributions == [])
        #expect(projected.status == .noSettings)
    }

    @Test("keeps a cancelled meeting's record and writes to it, where the settings say so")
    func keep() throws {
        let history = AppointmentHistory.sample([
            (1, .confirmed(.sample())), (5, .cancelled(.sample())),
        ])
        let kept = AppointmentProjector.project(
            history,
            settings: .sample {
                $0.onCancellation = .keep([.text("Note__c", "{cancellation_reason}")])
            }
        )
        #expect(kept.eventRecord?.existence == .ifThere)
        #expect(kept.eventRecord?.reason == .bookingCancelled)
        #expect(kept.value("Note__c") == .value(.text("Ill")))
        #expect(kept.minute("Note__c") == 5)
        let deleted = AppointmentProjector.project(history, settings: .sample())
        #expect(deleted.eventRecord?.existence == .removed)
        #expect(deleted.eventRecord?.cause.occurred == .minute(5))
    }

    @Test("writes to the record of the one who gave up a seat, and not to the meeting's")
    func seatCancellation() {
        let projected = AppointmentProjector.project(
            .sample([
                (1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben"))),
                (3, .cancelled(.seat("ada"), .seat)),
            ]),
            settings: .sample {
                $0.onCancellation = .keep([.text("Note__c", "off")])
                $0.attendeeOnCancellation = [.text("Note__c", "left")]
            }
        )
        #expect(projected.value("Note__c") == nil)
        #expect(projected.contribution("ada")?.assertions["Note__c"]?.count == 1)
        #expect(projected.contribution("ada")?.existence == .ifThere)
        #expect(projected.contribution("ben")?.assertions["Note__c"] == nil)
    }

    @Test("writes to the meeting's kept record when its last seat moves away")
    func lastSeatMoved() {
        let projected = AppointmentProjector.project(
            .sample([
                (1, .confirmed(.seat("ada"))),
                (2, .rescheduled(.seat("ada", of: "other", at: 700), from: "bk1")),
            ]),
            settings: .sample { $0.onCancellation = .keep([.text("Note__c", "off")]) }
        )
        #expect(projected.eventRecord?.existence == .ifThere)
        #expect(projected.value("Note__c") == .value(.text("off")))
        #expect(projected.minute("Note__c") == 2)
    }

    @Test("keeps each seat's answers out of the description that all share")
    func sharedDescription() {
        let secretive = Booking.seat("ada") {
            $0.notes = "Call me first"
            $0.answers["topic"] = .text("Divorce")
        }
        let projected = AppointmentProjector.project(
            .sample([(1, .confirmed(secretive)), (2, .confirmed(.seat("ben")))]),
            settings: .sample()
        )
        #expect(projected.value("Description") == .value(.text("Cal.com booking bk1")))
    }

    @Test("asserts nothing of a cancellation when the host asks for another time")
    func rescheduleRequest() {
        let projected = AppointmentProjector.project(
            .sample([(1, .confirmed(.sample())), (2, .cancelled(.sample(), .rescheduleRequested))]),
            settings: .sample {
                $0.onCancellation = .keep([.text("Note__c", "off")])
                $0.attendeeOnCancellation = [.text("Note__c", "left")]
            }
        )
        #expect(projected.value("Note__c") == nil)
        #expect(projected.contribution("ada")?.assertions["Note__c"] == nil)
    }

    @Test("does not count guests who are to be ignored")
    func ignoreGuests() {
        let history = AppointmentHistory.sample([(1, .confirmed(.sample(people: [.ada, .ben])))])
        let projected = AppointmentProjector.project(
            history,
            settings: .sample { $0.ignoreGuests = true }
        )
        #expect(projected.related == ["ada"])
        #expect(projected.contributions.map(\.key.person) == ["ada"])
    }

    @Test("relates nobody anew to a meeting that is over, whatever settings apply to its end")
    func relatedWhenOver() {
        var (first, second) = (SyncSettings(), SyncSettings())
        (first.ignoreGuests, second.onCancellation) = (true, .keep([]))
        let booking = Booking.sample(people: [.ada, .ben])
        let projected = AppointmentProjector.project(
            .sample([(1, .confirmed(booking)), (2, .cancelled(booking))]),
            settings: SettingsTimeline([
                .sample(first), .sample(second, version: 2, validity: .from(.minute(2))),
            ])
        )
        #expect(projected.eventRecord?.existence == .ifThere)
        #expect(projected.eventRecord?.attendeeKeys.map(\.person) == ["ada"])
    }

    @Test("writes rules to the booker's record, not to the guests'")
    func bookerOnly() {
        let projected = AppointmentProjector.project(
            .sample([(1, .confirmed(.sample(people: [.ada, .ben])))]),
            settings: .sample {
                $0.attendeeOnBooking = [.text("Note__c", "hello")]
                $0.ownerChange = OwnerChange(target: .organizer, onlyIfOwnedBy: ["Queue"])
            }
        )
        #expect(projected.contribution("ada")?.assertions.keys.map(\.rawValue) == ["Note__c"])
        #expect(projected.contribution("ada")?.owner?.organizer == "olga@daybook.example")
        #expect(projected.contribution("ben")?.assertions == [:])
        #expect(projected.contribution("ben")?.owner == nil)
    }

    @Test("names the rule behind every value")
    func paths() {
        var settings = SyncSettings()
        settings.eventRecordOnBooking = [.text("Note__c", "x")]
        let scope = SettingsScope.eventType(EventTypeID(1))
        let projected = AppointmentProjector.project(
            .sample([(1, .confirmed(.sample()))]),
            settings: SettingsTimeline([.sample(settings, version: 4, scope: scope)])
        )
        #expect(
            projected.assertion("Note__c")?.rule == "eventTypes/1/onBooking/eventRecord/Note__c"
        )
        #expect(projected.assertion("Note__c")?.version == SettingsVersion(4))
        #expect(projected.assertion("Subject")?.rule == "eventTypes/1/eventRecord/standard/Subject")
    }

    @Test("lets a rule for a standard field win over its own idea of it")
    func ruleForStandardField() {
        let projected = AppointmentProjector.project(
            .sample([(1, .confirmed(.sample()))]),
            settings: .sample { $0.eventRecordOnBooking = [.text("Subject", "Meeting with us")] }
        )
        #expect(projected.value("Subject") == .value(.text("Meeting with us")))
        #expect(projected.eventRecord?.fields.count { $0.field == "Subject" } == 1)
    }

    @Test("tells live values from a replay's")
    func replay() {
        var settings = SyncSettings()
        settings.eventRecordOnBooking = [.text("Note__c", "x")]
        let late = SettingsTimeline([.sample(settings, position: 99, validity: .allHistory)])
        let history = AppointmentHistory.sample([(1, .confirmed(.sample()))])
        let replayed = AppointmentProjector.project(history, settings: late)
        #expect(replayed.assertion("Note__c")?.isLive == false)
        let early = SettingsTimeline([.sample(settings, validity: .allHistory)])
        let live = AppointmentProjector.project(history, settings: early)
        #expect(live.assertion("Note__c")?.isLive == true)
    }

    // MARK: Standard fields

    @Test("asserts a standard field with the fact that changed it, and no later")
    func assertedByChange() {
        let projected = AppointmentProjector.project(
            .sample(
                [
                    (1, .confirmed(.sample { $0.location = "Room 1" })),
                    (
                        2,
                        .rescheduled(
                            .sample("bk2", at: 700) { $0.location = "Room 1" },
                            from: "bk1"
                        )
                    ),
                    (
                        3,
                        .relocated(
                            .sample("bk2", at: 700) { $0.location = "Room 2" },
                            previously: "Room 1"
                        )
                    ),
                    (
                        4,
                        .reassigned(
                            .sample("bk2", at: 700, host: "otto") { $0.location = "Room 2" }
                        )
                    ),
                ],
                uids: Self.chain
            ),
            settings: .sample()
        )
        #expect(projected.minute("Subject") == 1)
        #expect(projected.minute("StartDateTime") == 2)
        #expect(projected.minute("EndDateTime") == 2)
        #expect(projected.minute("Location") == 3)
        #expect(projected.minute("OwnerId") == 4)
        #expect(projected.value("OwnerId") == .user("otto@daybook.example"))
        #expect(projected.value("Location") == .value(.text("Room 2")))
        #expect(projected.eventRecord?.attendees?.assertions.last?.cause.occurred == .minute(1))
    }

    @Test("asserts rules anew with every booking, also with the same value")
    func assertedByBooking() {
        let projected = AppointmentProjector.project(
            .sample(
                [
                    (1, .confirmed(.sample())),
                    (2, .rescheduled(.sample("bk2", at: 700), from: "bk1")),
                    (3, .relocated(.sample("bk2", at: 700), previously: nil)),
                ],
                uids: Self.chain
            ),
            settings: .sample { $0.eventRecordOnBooking = [.text("Note__c", "x")] }
        )
        let field = projected.eventRecord?.fields.first { $0.field == "Note__c" }
        #expect(field?.assertions.map(\.cause.occurred) == [.minute(1), .minute(2)])
    }

    @Test("relates people anew when they change")
    func attendeesChange() {
        let projected = AppointmentProjector.project(
            .sample([(1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben")))]),
            settings: .sample()
        )
        #expect(projected.eventRecord?.attendees?.assertions.map(\.cause.occurred) == [.minute(2)])
        #expect(projected.eventRecord?.attendeeKeys.map(\.person) == ["ada", "ben"])
        #expect(projected.minute("Subject") == 1)
    }

    @Test("holds a field whose question was not answered, and gives the others")
    func held() {
        let projected = AppointmentProjector.project(
            .sample([(1, .confirmed(.sample()))]),
            settings: .sample {
                $0.eventRecordOnBooking = [.text("Note__c", "{budget}"), .text("Type", "Call")]
                $0.attendeeOnBooking = [.text("Note__c", "{budget}")]
            }
        )
        #expect(projected.eventRecord?.held.map(\.field) == ["Note__c"])
        #expect(projected.eventRecord?.held.first?.reason == .unanswered)
        #expect(projected.eventRecord?.held.first?.detail == "budget")
        #expect(projected.value("Type") == .value(.text("Call")))
        #expect(projected.contribution("ada")?.held.map(\.field) == ["Note__c"])
    }

    @Test("gives one seat's answers to that person's record alone")
    func seatAnswers() {
        let projected = AppointmentProjector.project(
            .sample([
                (
                    1,
                    .confirmed(
                        .seat("ada") {
                            $0.answers = ["phone": .text("+44 1")]
                            $0.metadata = ["utm_source": "letter"]
                        }
                    )
                ),
                (2, .confirmed(.seat("ben"))),
            ]),
            settings: .sample {
                $0.attendeeOnBooking = [
                    .text("Phone", "{phone}"), .text("Source__c", "{utm:source}"),
                ]
            }
        )
        let (ada, ben) = (projected.contribution("ada"), projected.contribution("ben"))
        #expect(ada?.assertions["Phone"]?.last?.value == .value(.text("+44 1")))
        #expect(ben?.assertions["Phone"] == nil)
        #expect(ben?.assertions["Source__c"] == nil)
        #expect(ben?.held.map(\.reason) == [.unanswered, .unanswered])
    }

    // MARK: Series

    struct Occurrence: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var start: Int
        /// When this occurrence and the one that was named were made.
        var created: (own: Int?, named: Int?)
        var isCancelled: Bool
    }

    static let occurrences = [
        Occurrence(testDescription: "a later one", start: 700, created: (1, 1), isCancelled: true),
        Occurrence(
            testDescription: "one at the same time",
            start: 600,
            created: (1, 1),
            isCancelled: true
        ),
        Occurrence(
            testDescription: "an earlier one",
            start: 500,
            created: (1, 1),
            isCancelled: false
        ),
        Occurrence(
            testDescription: "one made a minute later",
            start: 700,
            created: (2, 1),
            isCancelled: true
        ),
        Occurrence(
            testDescription: "one of a series made anew",
            start: 700,
            created: (90, 1),
            isCancelled: false
        ),
        Occurrence(
            testDescription: "one of an older series",
            start: 700,
            created: (1, 30),
            isCancelled: false
        ),
        Occurrence(
            testDescription: "a later one, times unknown",
            start: 700,
            created: (nil, nil),
            isCancelled: true
        ),
        Occurrence(
            testDescription: "one made after the cancellation, the named one's time unknown",
            start: 700,
            created: (90, nil),
            isCancelled: false
        ),
    ]

    @Test(
        "ends the occurrence named and later ones when the series is cancelled",
        arguments: occurrences
    )
    func series(row: Occurrence) {
        let named = Booking.sample("named", at: 600)
        let history = AppointmentHistory.sample(
            [(row.created.own ?? 1, .confirmed(.sample(at: row.start)))],
            created: row.created.own.map { ["bk1": .minute($0)] } ?? [:],
            series: [
                SeriesCancellation(
                    fact: .at(60, position: 50, .cancelled(named, .series)),
                    namedBookingCreated: row.created.named.map(Instant.minute)
                )
            ]
        )
        let projected = AppointmentProjector.project(
            history,
            settings: .sample {
                $0.onCancellation = .keep([.text("Note__c", "{booking_uid}")])
                $0.attendeeOnCancellation = [.text("Note__c", "{booking_uid}")]
            }
        )
        #expect(projected.status == (row.isCancelled ? .bookingCancelled : .booked))
        #expect(projected.value("Note__c") == (row.isCancelled ? .value(.text("bk1")) : nil))
        let note = projected.contribution("ada")?.assertions["Note__c"]?.last?.value
        #expect(note == (row.isCancelled ? .value(.text("bk1")) : nil))
    }

    @Test(
        "ends an occurrence that moved by the time at which the cancellation found it",
        arguments: [
            // Past the one named, and back again.
            (starts: [500, 700, 550], minutes: [1, 2, 3], isCancelled: false),
            (starts: [700, 500], minutes: [1, 2], isCancelled: false),
            (starts: [500, 700], minutes: [1, 2], isCancelled: true),
            // Moved past it afterwards.
            (starts: [500, 700], minutes: [1, 90], isCancelled: false),
        ]
    )
    func movedOccurrence(starts: [Int], minutes: [Int], isCancelled: Bool) {
        let all: [BookingUID] = ["bk1", "bk2", "bk3"]
        let uids = Array(all.prefix(starts.count))
        let happenings: [Happening] = starts.indices.map { place in
            let booking = Booking.sample(uids[place], at: starts[place])
            let fact: BookingFact =
                place > 0 ? .rescheduled(booking, from: uids[place - 1]) : .confirmed(booking)
            return (minutes[place], fact)
        }
        // They arrive the other way round.
        let history = AppointmentHistory.sample(
            happenings.reversed(),
            uids: uids,
            created: [uids[0]: .minute(1)],
            series: [
                SeriesCancellation(
                    fact: .at(
                        60,
                        position: 50,
                        .cancelled(.sample("named", at: 600), .series)
                    ),
                    namedBookingCreated: .minute(1)
                )
            ]
        )
        let projected = AppointmentProjector.project(history, settings: .sample())
        #expect(projected.status == (isCancelled ? .bookingCancelled : .booked))
    }

    @Test(
        "ends an occurrence once more only where it was booked again",
        arguments: [
            (
                happenings: [(1, .confirmed(.sample())), (30, .cancelled(.sample(), .booking))],
                minutes: [60], ended: [30]
            ),
            (
                happenings: [(1, .confirmed(.sample())), (30, .rejected(.sample(), reason: nil))],
                minutes: [60], ended: []
            ),
            (happenings: [(1, .confirmed(.sample()))], minutes: [70, 60], ended: [60]),
            (
                happenings: [
                    (1, .confirmed(.sample())), (30, .cancelled(.sample(), .booking)),
                    (40, .confirmed(.sample())),
                ],
                minutes: [60], ended: [30, 60]
            ),
            // What names the occurrence itself always counts.
            (
                happenings: [(1, .confirmed(.sample())), (90, .cancelled(.sample(), .booking))],
                minutes: [60], ended: [60, 90]
            ),
        ] as [(happenings: [Happening], minutes: [Int], ended: [Int])]
    )
    func endedBySeries(happenings: [Happening], minutes: [Int], ended: [Int]) {
        let history = AppointmentHistory.sample(
            happenings,
            created: ["bk1": .minute(1)],
            series: minutes.enumerated().map { place, minute in
                SeriesCancellation(
                    fact: .at(
                        minute,
                        position: 50 + place,
                        .cancelled(.sample("named", at: 0), .series)
                    ),
                    namedBookingCreated: .minute(1)
                )
            }
        )
        let projected = AppointmentProjector.project(
            history,
            settings: .sample { $0.onCancellation = .keep([.text("Note__c", "given up")]) }
        )
        let note = projected.eventRecord?.fields.first { $0.field == "Note__c" }
        #expect(note?.assertions.map(\.cause.occurred) ?? [] == ended.map(Instant.minute))
    }

    @Test("ends the occurrence that a series cancellation names")
    func namedOccurrence() {
        let projected = AppointmentProjector.project(
            .sample([(1, .confirmed(.sample())), (2, .cancelled(.sample(), .series))]),
            settings: .sample()
        )
        #expect(projected.status == .bookingCancelled)
    }

    @Test("counts nobody as attendee whom Cal.com calls a host")
    func calledHost() {
        let history = AppointmentHistory.sample([
            (1, .confirmed(.sample(people: [.ada, .ben]))), (800, .marked(["ben"], isHost: true)),
        ])
        let standing = BookingStanding(of: "bk1", in: history)
        #expect(standing.attendees.map(\.person) == ["ada"])
    }

    @Test("keeps for a booker who took a seat, whoever a delivery about all names first")
    func seatsToldTogether() {
        let both = Booking.seat("ada") { $0.attendees.append(.sample("ben", seat: "seat-ben")) }
        let history = AppointmentHistory.sample([
            (1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben"))),
            (3, .rescheduled(both, from: "bk1")), (800, .marked(["ada"])),
        ])
        let settings = SettingsTimeline.sample { $0.noShowField = "No_Show__c" }
        let projected = AppointmentProjector.project(history, settings: settings)
        // Ben booked, too, and was not marked.
        #expect(projected.value("No_Show__c") == .value(.flag(false)))
    }

    // MARK: No-shows

    struct Marks: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var facts: [Happening]
        var isNoShow: Bool?
        var minute: Int?
    }

    private static let booked: Happening = (1, .confirmed(.sample(people: [.ada, .ben])))

    static let marks = [
        Marks(testDescription: "nobody is marked", facts: [booked], isNoShow: nil),
        Marks(
            testDescription: "the booker",
            facts: [booked, (800, .marked(["ada"]))],
            isNoShow: true,
            minute: 800
        ),
        Marks(
            testDescription: "the booker, and taken back",
            facts: [booked, (800, .marked(["ada"])), (801, .marked(["ada"], noShow: false))],
            isNoShow: false,
            minute: 801
        ),
        Marks(
            testDescription: "the booker, twice",
            facts: [booked, (800, .marked(["ada"])), (801, .marked(["ada"]))],
            isNoShow: true,
            minute: 800
        ),
        Marks(
            testDescription: "taken back and marked, told in another order",
            facts: [booked, (801, .marked(["ada"], noShow: false)), (800, .marked(["ada"]))],
            isNoShow: false,
            minute: 801
        ),
        Marks(
            testDescription: "a guest only",
            facts: [booked, (800, .marked(["ben"]))],
            isNoShow: false,
            minute: 800
        ),
        Marks(
            testDescription: "everybody",
            facts: [booked, (800, .marked(["ada", "ben"]))],
            isNoShow: true,
            minute: 800
        ),
        Marks(
            testDescription: "the host",
            facts: [booked, (800, .marked(["ada"], isHost: true))],
            isNoShow: nil
        ),
        Marks(
            testDescription: "another one of the team, as if an attendee",
            facts: [
                (1, .confirmed(.sample { $0.team = [.ben] })), (800, .marked(["ben"])),
            ],
            isNoShow: nil
        ),
        Marks(
            testDescription: "the booker, and another one of the team",
            facts: [
                (1, .confirmed(.sample { $0.team = [.ben] })), (800, .marked(["ada"])),
                (801, .marked(["ben"])),
            ],
            isNoShow: true,
            minute: 800
        ),
        Marks(
            testDescription: "noticed by Cal.com",
            facts: [booked, (800, .marked(["ada"], .automatic))],
            isNoShow: true,
            minute: 800
        ),
        Marks(
            testDescription: "one of two seats",
            facts: [
                (1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben"))),
                (800, .marked(["ada"])),
            ],
            isNoShow: false,
            minute: 800
        ),
        Marks(
            testDescription: "both seats, one after the other",
            facts: [
                (1, .confirmed(.seat("ada"))), (2, .confirmed(.seat("ben"))),
                (800, .marked(["ada"])), (801, .marked(["ben"])),
            ],
            isNoShow: true,
            minute: 801
        ),
    ]

    @Test("ticks the no-show field for the booker", arguments: marks)
    func noShow(row: Marks) {
        let history = AppointmentHistory.sample(row.facts)
        let projected = AppointmentProjector.project(
            history,
            settings: .sample { $0.noShowField = "No_Show__c" }
        )
        #expect(projected.value("No_Show__c") == row.isNoShow.map { .value(.flag($0)) })
        #expect(projected.minute("No_Show__c") == row.minute)
        let off = AppointmentProjector.project(history, settings: .sample())
        #expect(off.value("No_Show__c") == nil)
    }
}
