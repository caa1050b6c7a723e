import CalCom
import Domain
import Foundation
import Journal
import Ledger
import Pipeline
import Projection
import TestSupport
import Testing

@Suite("A reading of Cal.com")
struct SourcePollTests {
    private let booking = Meeting()
    /// A meeting in which the booker has one of five seats.
    private let seated = Meeting().with {
        $0.seats = 5
        $0.booker.seat = "seat-dana"
    }

    private func withOffice(_ body: (World, CalComOffice) async throws -> Void) async throws {
        try await withPipeline { world in
            try await world.accept("{}")
            try await CalComOffice.open(beside: world) { try await body(world, $0) }
        }
    }

    @Test("finds a booking that no webhook told of, once, and Salesforce gets it")
    func booking() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await office.has(booking.shown(created: made))
            let report = try await office.poll()
            #expect(report.findings.map(\.gaps) == [[.booking]])
            #expect(report.findings.first?.occurred == made)
            #expect(try await world.reconcile().summary.create == 2)
            #expect(try await world.eventRecord("Subject").text("Subject") == booking.title)
            #expect(try await office.poll().findings.isEmpty)
            #expect(try await world.ledger("booking.observed").count == 1)
        }
    }

    @Test("tells nothing of a booking whose webhook came, in the words of either")
    func inStep() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.deliver(booking.with { $0.guests = [.lee] }.created)
            try await office.has(booking.with { $0.guests = [.lee] }.shown(created: made))
            let report = try await office.poll()
            #expect(report.read == 1 && report.findings.isEmpty)
            #expect(try await world.ledger("booking.observed").isEmpty)
        }
    }

    @Test("leaves what changed just now to the webhook that is on its way")
    func settling() async throws {
        try await withOffice { world, office in
            try await office.has(booking.shown(created: world.now))
            let soon = try await office.poll(settled: false)
            #expect(soon.waiting == 1 && soon.findings.isEmpty)
            #expect(try await office.poll().findings.count == 1)
        }
    }

    @Test("only says what is missing when asked to, and the next reading still finds it")
    func dry() async throws {
        try await withOffice { world, office in
            try await office.has(booking.shown(created: world.now))
            let dry = try await office.poll(isDry: true)
            #expect(dry.findings.map(\.gaps) == [[.booking]])
            #expect(dry.findings.allSatisfy { $0.position == nil })
            #expect(try await world.journal.sourceMark(SourcePoll.source) == nil)
            #expect(try await office.poll().findings.count == 1)
        }
    }

    @Test("finds a guest who was added later, for which Cal.com has no webhook")
    func lateGuest() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(booking.created)
            // Whether a guest moves the time of the last change is not known: here it does not.
            try await office.has(booking.with { $0.guests = [.lee] }.shown(created: made))
            #expect(try await office.poll().findings.map(\.gaps) == [[.guests]])
            try await world.reconcile()
            #expect(try await world.org.count("Contact") == 2)
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("finds another host")
    func host() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(booking.created)
            let hosts = JSON.array([Meeting.shown(.tomas)])
            try await office.has(
                booking.shown(created: made, updated: world.now, [("hosts", hosts)])
            )
            #expect(try await office.poll().findings.map(\.gaps) == [[.host]])
            let history = try #require(
                try await world.journal.history(ofBooking: .sample(booking.uid))
            )
            #expect(history.facts.last?.meanings.count == 1)
            guard case .reassigned(let told)? = history.facts.last?.meanings.first?.fact else {
                Issue.record("it is no reassignment")
                return
            }
            #expect(told.organizer?.email?.rawValue == Meeting.Person.tomas.email)
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("finds a cancellation with its reason, and Salesforce follows")
    func cancellation() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(booking.created)
            try await office.has(
                booking.shown(
                    "cancelled",
                    created: made,
                    updated: world.now,
                    [("cancellationReason", .string("Budget moved."))]
                )
            )
            #expect(try await office.poll().findings.map(\.gaps) == [[.cancellation]])
            #expect(try await world.reconcile().summary.delete == 1)
            #expect(try await office.poll(.since(made)).findings.isEmpty)
            let stored = try await world.ledger("booking.observed").map(\.text).joined()
            #expect(!stored.contains("Budget") && !stored.contains("@"))
        }
    }

    @Test("finds each occurrence of a series that one webhook cancelled, or did not")
    func series() async throws {
        try await withOffice { world, office in
            let made = world.now
            let weeks = ["one", "two", "three"].enumerated().map { week, uid in
                Meeting(uid).with {
                    $0.isRecurring = true
                    $0.start = "2026-11-\(10 + 7 * week)T15:00:00Z"
                }
            }
            _ = try await world.take(weeks.map(\.created))
            world.wait(minutes: 5)
            // One webhook, for the second; in truth only that one was cancelled.
            try await world.deliver(weeks[1].cancelled())
            try await office.has(
                weeks[0].shown(created: made),
                weeks[1].shown("cancelled", created: made, updated: world.now),
                weeks[2].shown(created: made, updated: world.now)
            )
            let report = try await office.poll(.since(made))
            #expect(report.findings.map(\.booking.rawValue) == ["three"])
            #expect(report.findings.map(\.gaps) == [[.confirmation]])
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 2)
            // Now the rest goes, and nothing tells of it.
            try await office.change("one", [("status", .string("cancelled"))])
            try await office.change("three", [("status", .string("cancelled"))])
            let rest = try await office.poll()
            #expect(Set(rest.findings.map(\.booking.rawValue)) == ["one", "three"])
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 0)
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("adds the link of a lost reschedule, and cancels nothing")
    func lostReschedule() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(booking.created)
            let moved = world.now
            let later = Meeting("later").with { $0.start = "2026-11-12T16:00:00Z" }
            try await office.has(
                booking.shown(
                    "cancelled",
                    created: made,
                    updated: moved,
                    [("rescheduledToUid", .string("later"))]
                ),
                later.shown(created: moved, [("rescheduledFromUid", .string(booking.uid))])
            )
            let report = try await office.poll()
            #expect(report.counts == [.link: 1, .booking: 1])
            let summary = try await world.reconcile().summary
            #expect(summary.update == 1 && summary.create == 0 && summary.delete == 0)
            #expect(
                try await world.eventRecord("StartDateTime").text("StartDateTime")
                    .hasPrefix("2026-11-12T16:00:00")
            )
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("follows a reschedule whose successor is not in the list")
    func successorOutside() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(booking.created)
            let later = Meeting("later").with { $0.start = "2026-11-12T16:00:00Z" }
            try await office.has(
                booking.shown(
                    "cancelled",
                    created: made,
                    updated: world.now,
                    [("rescheduledToUid", .string("later"))]
                ),
                later.shown(created: made.advanced(byMilliseconds: -90 * 86_400_000))
            )
            let uid = try #require(BookingUID(booking.uid))
            let report = try await office.poll(.one(uid))
            #expect(Set(report.findings.map(\.booking.rawValue)) == [booking.uid, "later"])
            let history = try #require(try await world.journal.history(ofBooking: uid))
            #expect(history.uids.map(\.rawValue) == [booking.uid, "later"])
        }
    }

    @Test("takes over a no-show, and that it was taken back by hand")
    func attendance() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(booking.created)
            let absent = JSON.array([
                .compact([
                    ("email", .string(booking.booker.email)), ("name", .string("Dana Okafor")),
                    ("absent", .bool(true)),
                ])
            ])
            try await office.has(
                booking.shown(created: made, updated: world.now, [("attendees", absent)])
            )
            #expect(try await office.poll().findings.map(\.gaps) == [[.attendance]])
            try await office.has(booking.shown(created: made, updated: world.now))
            #expect(try await office.poll().findings.map(\.gaps) == [[.attendance]])
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("brings nobody back who was erased, and still sees that the booking was cancelled")
    func erased() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(booking.created)
            try await world.journal.erase(.sample(booking.booker.email), actor: "operator")
            world.wait(minutes: 1)
            let events = try await world.journal.head().position
            try await office.has(
                booking.with { $0.guests = [.lee] }.shown(created: made, updated: world.now)
            )
            #expect(try await office.poll().findings.isEmpty)
            #expect(try await world.journal.head().position == events)
            try await office.change(booking.uid, [("status", .string("cancelled"))])
            #expect(try await office.poll().findings.map(\.gaps) == [[.cancellation]])
            #expect(try await world.journal.person(.sample(booking.booker.email)) == nil)
            #expect(try await world.journal.person(.sample(Meeting.Person.lee.email)) == nil)
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 0)
        }
    }

    @Test("finds a seat that was taken, and one that was given up")
    func seats() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(seated.created)
            let lee = seated.with {
                $0.guests = [.lee]
                $0.guests[0].seat = "seat-lee"
            }
            try await office.has(lee.shown(created: made, updated: world.now))
            #expect(try await office.poll().findings.map(\.gaps) == [[.guests]])
            try await world.reconcile()
            #expect(try await world.org.count("Contact") == 2)
            let left = lee.with {
                $0.booker = $0.guests.removeFirst()
            }
            try await office.has(left.shown(created: made, updated: world.now))
            #expect(try await office.poll().findings.map(\.gaps) == [[.guests]])
            let standing = try #require(
                try await world.journal.history(ofBooking: .sample(booking.uid))
            )
            #expect(standing.facts.count == 3)
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("knows a host under another address of the same account")
    func otherAddress() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(booking.created)
            var host = Meeting.Person.priya
            host.email = "priya@home.example"
            let hosts = JSON.array([Meeting.shown(host)])
            let moved = booking.with { $0.start = "2026-11-11T15:00:00Z" }
            try await office.has(
                moved.shown(created: made, updated: world.now, [("hosts", hosts)])
            )
            #expect(try await office.poll().findings.map(\.gaps) == [[.time]])
            let history = try #require(
                try await world.journal.history(ofBooking: .sample(booking.uid))
            )
            let known = BookingStanding(of: .sample(booking.uid), in: history).booking
            #expect(known?.organizer?.email == .sample(Meeting.Person.priya.email))
            #expect(try await office.poll().findings.isEmpty)
        }
    }

    @Test("takes what one of a team wrote for a host's wish for another time")
    func wishOfTeam() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(booking.with { $0.team = [.tomas] }.created)
            let wish: [(String, JSON?)] = [
                ("cancellationReason", "Please reschedule. Another day suits us better."),
                ("cancelledByEmail", .string(Meeting.Person.tomas.email)),
            ]
            try await office.has(
                booking.shown("cancelled", created: made, updated: world.now, wish)
            )
            #expect(try await office.poll().findings.map(\.gaps) == [[.cancellation]])
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 1)
        }
    }

    @Test("brings none of a team back who was erased")
    func erasedOfTeam() async throws {
        try await withOffice { world, office in
            let made = world.now
            let own = booking.with { $0.team = [.tomas] }
            try await world.sync(own.created)
            let address = EmailAddress.sample(Meeting.Person.tomas.email)
            try await world.journal.erase(address, actor: "operator")
            world.wait(minutes: 1)
            let listed = own.with { $0.guests = [.tomas] }
            try await office.has(listed.shown(created: made, updated: world.now))
            #expect(try await office.poll().findings.isEmpty)
            let later = listed.with { $0.start = "2026-11-11T15:00:00Z" }
            try await office.has(later.shown(created: made, updated: world.now))
            #expect(try await office.poll(.since(made)).findings.map(\.gaps) == [[.time]])
            #expect(try await office.poll(.since(made)).findings.isEmpty)
            #expect(try await world.journal.person(address) == nil)
            try await world.reconcile(.everything)
            #expect(try await world.org.count("Contact") == 1)
            let start = try await world.eventRecord("StartDateTime").text("StartDateTime")
            #expect(start.hasPrefix("2026-11-11"))
        }
    }

    @Test("takes those of a team whom Cal.com lists as attendees for hosts", arguments: [nil, 5])
    func team(seats: Int?) async throws {
        try await withOffice { world, office in
            let made = world.now
            let own = booking.with {
                ($0.team, $0.seats) = ([.tomas], seats)
                $0.booker.seat = seats.map { _ in "seat-dana" }
            }
            try await world.sync(own.created)
            // The list has one host, and the others of the team among the attendees.
            let listed = own.with { $0.guests = [.tomas] }
            try await office.has(listed.shown(created: made, updated: world.now))
            #expect(try await office.poll(.since(made)).findings.isEmpty)
            let more = listed.with {
                $0.guests.append(.lee)
                $0.guests[1].seat = seats.map { _ in "seat-lee" }
            }
            try await office.has(more.shown(created: made, updated: world.now))
            #expect(try await office.poll(.since(made)).findings.map(\.gaps) == [[.guests]])
            #expect(try await office.poll(.since(made)).findings.isEmpty)
            try await world.reconcile()
            #expect(try await world.org.count("Contact") == 2)
        }
    }

    @Test("finds a mark once, also of somebody whom the ledger knows under another address")
    func markedSeat() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(seated.created)
            let absent = JSON.compact([
                ("email", "d.okafor@globex.example"), ("name", "Dana Okafor"),
                ("seatUid", "seat-dana"), ("absent", true),
            ])
            let shown = seated.shown(
                created: made,
                updated: world.now,
                [("attendees", .array([absent]))]
            )
            try await office.has(shown)
            #expect(try await office.poll(.since(made)).findings.map(\.gaps) == [[.attendance]])
            #expect(try await office.poll(.since(made)).findings.isEmpty)
            let history = try #require(
                try await world.journal.history(ofBooking: .sample(booking.uid))
            )
            let standing = BookingStanding(of: .sample(booking.uid), in: history)
            let person = try #require(standing.attendees.first?.person)
            #expect(standing.marks[person]?.isNoShow == true)
        }
    }

    @Test("makes no appointment of two meetings between which somebody moved a seat")
    func movedSeat() async throws {
        try await withOffice { world, office in
            let made = world.now
            let left = booking.with {
                ($0.seats, $0.guests) = (5, [.lee])
                ($0.booker.seat, $0.guests[0].seat) = ("seat-dana", "seat-lee")
            }
            let taken = Meeting("later").with {
                $0.seats = 5
                $0.booker.seat = "seat-dana-2"
            }
            let rest = left.with { $0.booker = $0.guests.removeFirst() }
            try await office.has(
                rest.shown(created: made),
                taken.shown(created: made, [("rescheduledFromUid", .string(booking.uid))])
            )
            #expect(try await office.poll().findings.map(\.gaps) == [[.booking], [.booking]])
            let history = try #require(
                try await world.journal.history(ofBooking: .sample(booking.uid))
            )
            #expect(history.uids.map(\.rawValue) == [booking.uid])
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 2)
        }
    }

    @Test("finds that a meeting goes on which an erased person left last")
    func leftByErased() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(seated.created)
            try await world.sync(seated.seatCancelled)
            try await world.journal.erase(.sample(seated.booker.email), actor: "operator")
            let others = seated.with {
                $0.booker = .lee
                $0.booker.seat = "seat-lee"
            }
            try await office.has(others.shown(created: made, updated: world.now))
            #expect(try await office.poll().findings.map(\.gaps) == [[.guests]])
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 1)
            #expect(try await world.journal.person(.sample(seated.booker.email)) == nil)
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("finds that a meeting goes on of which all known seats were given up")
    func lastKnownSeat() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(seated.created)
            try await world.sync(seated.seatCancelled)
            #expect(try await world.org.count("Event") == 0)
            let others = seated.with {
                $0.booker = .lee
                $0.booker.seat = "seat-lee"
            }
            try await office.has(others.shown(created: made, updated: world.now))
            #expect(try await office.poll().findings.map(\.gaps) == [[.guests]])
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 1)
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("keeps a new place also where Cal.com's list does not say who hosts")
    func placeWithoutHost() async throws {
        try await withOffice { world, office in
            let made = world.now
            let seated = booking.with {
                ($0.seats, $0.location, $0.video) = (5, "Room 1", "")
                $0.booker.seat = "seat-dana"
            }
            try await world.sync(seated.created)
            let gone = JSON.array([.compact([("name", "Nick"), ("email", "unknown")])])
            let shown = seated.shown(
                created: made,
                updated: world.now,
                [("hosts", gone), ("location", "Room 7")]
            )
            try await office.has(shown)
            #expect(try await office.poll(.since(made)).findings.map(\.gaps) == [[.place]])
            #expect(try await office.poll(.since(made)).findings.isEmpty)
            try await world.reconcile()
            #expect(try await world.eventRecord("Location").text("Location") == "Room 7")
        }
    }

    @Test("finds that a call became a meeting in a room")
    func room() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.sync(booking.with { $0.location = "integrations:daily" }.created)
            let place: [(String, JSON?)] = [("location", "Room 7")]
            // The same words for the call, perhaps.
            try await office.has(booking.shown(created: made, place))
            #expect(try await office.poll(.since(made)).findings.isEmpty)
            try await office.has(booking.shown(created: made, updated: world.now, place))
            #expect(try await office.poll().findings.map(\.gaps) == [[.place]])
            try await world.reconcile()
            #expect(try await world.eventRecord("Location").text("Location") == "Room 7")
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("finds another place of a meeting of which last was told that somebody left it")
    func roomBeforeSeatLeft() async throws {
        try await withOffice { world, office in
            let made = world.now
            let lee = seated.with {
                $0.booker = .lee
                $0.booker.seat = "seat-lee"
            }
            try await world.sync(seated.created, lee.created)
            let changed = world.now
            let taken = Meeting("later").with {
                $0.seats = 5
                $0.booker.seat = "seat-dana-2"
            }
            try await world.sync(taken.rescheduled(from: seated))
            try await office.has(
                lee.shown(created: made, updated: changed, [("location", "Room 7")])
            )
            #expect(try await office.poll(.since(made)).findings.map(\.gaps) == [[.place]])
        }
    }

    @Test("finds again what a late webhook took back, though Cal.com shows the same")
    func takenBack() async throws {
        try await withOffice { world, office in
            let made = world.now
            world.wait(minutes: 5)
            let hosts = JSON.array([Meeting.shown(.tomas)])
            let shown = booking.shown(created: made, updated: world.now, [("hosts", hosts)])
            try await office.has(shown)
            #expect(try await office.poll().findings.map(\.gaps) == [[.booking]])
            // The webhook of before the host changed; that it changed is told by none.
            try await world.deliver(booking.created.sent(made))
            #expect(try await office.poll(.since(made)).findings.map(\.gaps) == [[.host]])
            let history = try #require(
                try await world.journal.history(ofBooking: .sample(booking.uid))
            )
            let standing = BookingStanding(of: .sample(booking.uid), in: history)
            #expect(standing.booking?.organizer?.email?.rawValue == Meeting.Person.tomas.email)
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("knows that a booking of before a reschedule is not newer, though it is found later")
    func superseded() async throws {
        try await withOffice { world, office in
            let made = world.now
            world.wait(minutes: 5)
            let moved = world.now
            let later = Meeting("later").with { $0.start = "2026-11-12T16:00:00Z" }
            try await world.sync(later.rescheduled(from: booking))
            try await office.has(
                booking.shown(
                    "cancelled",
                    created: made,
                    updated: moved,
                    [("rescheduledToUid", "later")]
                ),
                later.shown(created: moved, [("rescheduledFromUid", .string(booking.uid))])
            )
            let findings = try await office.poll().findings
            #expect(findings.map(\.booking.rawValue) == [booking.uid])
            #expect(findings.first?.occurred == made)
            #expect(try await world.reconcile().summary.update == 0)
        }
    }

    @Test("says of a booking that another series seemed to end that it goes on since then")
    func otherSeries() async throws {
        try await withOffice { world, office in
            let made = world.now
            let weeks = ["one", "two"].enumerated().map { week, uid in
                Meeting(uid).with {
                    $0.isRecurring = true
                    $0.start = "2026-11-\(10 + 7 * week)T15:00:00Z"
                }
            }
            _ = try await world.take(weeks.map(\.created))
            world.wait(minutes: 5)
            let ended = world.now
            try await world.deliver(weeks[0].cancelled())
            try await office.has(
                weeks[0].shown("cancelled", created: made, updated: ended),
                // It never changed.
                weeks[1].shown(created: made)
            )
            let findings = try await office.poll(.since(made)).findings
            #expect(findings.map(\.booking.rawValue) == ["two"])
            #expect(findings.first.map { $0.occurred >= ended } == true)
            try await world.reconcile()
            #expect(try await world.org.count("Event") == 1)
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("takes a webhook that comes late after all for no news in Salesforce")
    func lateWebhook() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await office.has(booking.shown(created: made))
            _ = try await office.poll()
            #expect(try await world.reconcile().summary.create == 2)
            try await world.deliver(booking.created.sent(made))
            let summary = try await world.reconcile().summary
            #expect(summary.create == 0 && summary.delete == 0)
            #expect(try await office.poll(.since(made)).findings.isEmpty)
        }
    }

    @Test("goes on from its mark, and the mark stays where a reading broke off")
    func mark() async throws {
        try await withOffice { world, office in
            let never = SourcePoll(
                journal: world.journal,
                source: BrokenSource(),
                now: world.time
            )
            await #expect(throws: CalComError.unauthorised) { try await never.run(.changes) }
            let stopped = try #require(try await world.journal.sourceMark(SourcePoll.source))
            #expect(stopped.problem != nil && stopped.mark < world.now)
            _ = try await office.poll()
            let mark = try #require(try await world.journal.sourceMark(SourcePoll.source))
            #expect(mark.mark == world.now.advanced(byMilliseconds: -120_000))
            let broken = SourcePoll(
                journal: world.journal,
                source: BrokenSource(),
                now: world.time
            )
            world.wait(minutes: 5)
            await #expect(throws: CalComError.unauthorised) { try await broken.run(.changes) }
            let after = try #require(try await world.journal.sourceMark(SourcePoll.source))
            #expect(after.mark == mark.mark && after.problem?.contains("API key") == true)
            _ = try await office.poll()
            let healed = try #require(try await world.journal.sourceMark(SourcePoll.source))
            #expect(healed.problem == nil && healed.mark > mark.mark)
        }
    }

    @Test("lets what was told during the comparison win")
    func overtaken() async throws {
        try await withOffice { world, office in
            let made = world.now
            try await world.deliver(booking.created)
            let shown = booking.shown(
                created: made,
                updated: world.now,
                [("hosts", .array([Meeting.shown(.tomas)]))]
            )
            world.wait(minutes: 5)
            let news = booking.relocated(to: "Room 7").body(world.now)
            let intake = Intake(journal: world.journal, now: world.time)
            let source = SlowSource(shown: shown) { _ = try await intake.take(file: news.bytes) }
            let poll = SourcePoll(journal: world.journal, source: source, now: world.time)
            let report = try await poll.run(.since(made))
            #expect(report.findings.isEmpty && report.overtaken == 1)
            #expect(try await world.ledger("booking.observed").isEmpty)
        }
    }
}

/// A source that knows nobody.
private struct BrokenSource: BookingSource {
    func page(_ query: BookingQuery) throws(CalComError) -> BookingPage { throw .unauthorised }

    func booking(_ uid: BookingUID) throws(CalComError) -> [SeenBooking] { throw .unauthorised }
}

/// A source during whose first answer something happens.
private struct SlowSource: BookingSource {
    private let shown: JSON
    private let meanwhile: @Sendable () async throws -> Void

    init(shown: JSON, _ meanwhile: @escaping @Sendable () async throws -> Void) {
        (self.shown, self.meanwhile) = (shown, meanwhile)
    }

    func page(_ query: BookingQuery) async throws(CalComError) -> BookingPage {
        guard case .created = query.order else { return BookingPage(bookings: []) }
        do { try await meanwhile() } catch { throw .unexpected("\(error)") }
        return try BookingPage(.compact([("data", .array([shown]))]), of: query)
    }

    func booking(_ uid: BookingUID) throws(CalComError) -> [SeenBooking] { [] }
}
