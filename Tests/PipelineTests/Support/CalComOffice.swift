import AsyncHTTPClient
import CalCom
import CalComEmulator
import Domain
import Foundation
import Journal
import NIOCore
import NIOHTTP1
import Pipeline
import TestSupport

/// Cal.com's API beside the org of a world, and readings of it.
struct CalComOffice {
    let world: World
    private let apiURL: String
    private let client: CalComClient

    /// Runs an emulator for as long as a closure takes.
    static func open(
        beside world: World,
        _ body: (CalComOffice) async throws -> Void
    ) async throws {
        let clock = world.clock
        let emulator = CalComEmulator(key: "cal_test", now: { clock.now.date })
        try await withCalComEmulator(emulator) { apiURL in
            let client = try CalComClient(
                settings: .init(apiURL: apiURL, key: "cal_test"),
                http: world.org.http,
                now: { clock.now },
                sleep: { clock.advance(bySeconds: $0.components.seconds) }
            )
            try await body(CalComOffice(world: world, apiURL: apiURL, client: client))
        }
    }

    /// Cal.com has a booking, in place of the one of that uid if there is one.
    func has(_ bookings: JSON...) async throws {
        try await control("data", .compact([("bookings", .array(bookings))]))
    }

    /// Members of a booking change, and with them the time of its last change.
    func change(_ uid: String, _ members: [(String, JSON?)]) async throws {
        try await control("bookings/\(uid)", .compact(members))
    }

    /// Reads, after everything that happened has settled.
    func poll(
        _ scope: SourcePoll.Scope = .changes,
        isDry: Bool = false,
        settled: Bool = true
    ) async throws -> SourceReport {
        if settled { world.wait(minutes: 5) }
        var options = SourcePoll.Options()
        options.isDry = isDry
        let poll = SourcePoll(
            journal: world.journal,
            source: client,
            options: options,
            now: world.time
        )
        return try await poll.run(scope)
    }

    private func control(_ path: String, _ body: JSON) async throws {
        let base = apiURL.replacing("/v2", with: "")
        var request = HTTPClientRequest(url: "\(base)/emulator/\(path)")
        request.method = .POST
        request.body = .bytes(body.bytes)
        let response = try await world.org.http.execute(request, timeout: .seconds(10))
        guard response.status == .ok else { throw OfficeError(status: response.status.code) }
    }

    struct OfficeError: Error {
        var status: UInt
    }
}

extension Meeting {
    /// The booking as Cal.com's API shows it.
    func shown(
        _ status: String = "accepted",
        created: Instant,
        updated: Instant? = nil,
        _ more: [(String, JSON?)] = []
    ) -> JSON {
        let people: [JSON] = ([booker] + guests).map { person in
            .compact([
                ("name", .string(person.name)), ("email", .string(person.email)),
                ("displayEmail", .string(person.email)), ("timeZone", .string(person.zone)),
                ("absent", .bool(false)), ("seatUid", person.seat.map(JSON.string)),
            ])
        }
        let own: [(String, JSON?)] = [
            ("uid", .string(uid)), ("id", .integer(7_301_455)), ("title", .string(title)),
            ("hosts", .array([Self.shown(organizer)])), ("status", .string(status)),
            ("start", .string(start)), ("duration", .integer(minutes)),
            (
                "eventType",
                .compact([("id", .integer(eventType)), ("slug", .string("product-demo"))])
            ),
            ("location", .string("https://app.cal.example/video/\(uid)")),
            ("createdAt", .string(created.rfc3339)),
            ("updatedAt", updated.map { .string($0.rfc3339) } ?? .null),
            ("attendees", .array(people)),
            ("bookingFieldsResponses", .compact([("email", .string(booker.email))])),
        ]
        let names = Set(more.map(\.0))
        return .compact(own.filter { !names.contains($0.0) } + more)
    }

    static func shown(_ host: Person) -> JSON {
        .compact([
            ("id", .integer(host.account)), ("name", .string(host.name)),
            ("email", .string(host.email)), ("timeZone", .string(host.zone)),
        ])
    }
}
