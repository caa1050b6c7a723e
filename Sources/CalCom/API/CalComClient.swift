public import AsyncHTTPClient
public import Domain
import NIOCore
import NIOHTTP1

/// Reads Cal.com through API v2; writes nothing.
///
/// Requests go one after the other, within the limit of the key. What fails for a moment (no
/// connection, 429, 5xx) is tried again, after waits that grow; what cannot get better is not.
///
/// Source: `facts/calcom.md`, section 4.
public actor CalComClient: BookingSource {
    /// How the API is reached.
    public struct Settings: Sendable {
        /// The address of the API, `https://api.cal.com/v2`.
        public var apiURL: String
        /// The key; goes along with every request and nowhere else.
        public var key: String
        /// How many requests a minute takes at most.
        public var perMinute: Int
        /// The most tries of one request, the first included.
        public var tries: Int

        /// Creates settings.
        public init(
            apiURL: String = "https://api.cal.com/v2",
            key: String,
            perMinute: Int = 120,
            tries: Int = 4
        ) {
            (self.apiURL, self.key, self.perMinute, self.tries) = (apiURL, key, perMinute, tries)
        }
    }

    private let base: APIBase
    private let key: String
    private let tries: Int
    private let transport: APITransport
    private let now: @Sendable () -> Instant
    private let sleep: @Sendable (Duration) async throws -> Void
    private var allowance: RequestAllowance
    /// How many requests were sent.
    public private(set) var requests = 0

    /// Creates a client; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - settings: How the API is reached.
    ///   - http: Carries requests; it must not follow redirects, which would carry the key away.
    ///   - now: The time.
    ///   - sleep: Waits; throws if the task is cancelled.
    /// - Throws: ``CalComError/configuration(_:)``.
    public init(
        settings: Settings,
        http: HTTPClient,
        now: @escaping @Sendable () -> Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) throws(CalComError) {
        let network = NetworkAPITransport(client: http, timeout: .seconds(60))
        try self.init(
            settings: settings,
            transport: { call throws(APISilence) in try await network.send(call) },
            now: now,
            sleep: sleep
        )
    }

    init(
        settings: Settings,
        transport: @escaping APITransport,
        now: @escaping @Sendable () -> Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) throws(CalComError) {
        base = try APIBase(settings.apiURL)
        (key, tries) = (settings.key, max(1, settings.tries))
        (self.transport, self.now, self.sleep) = (transport, now, sleep)
        allowance = RequestAllowance(perMinute: settings.perMinute)
    }

    /// What the server said is left of the limit; nil before the first answer, or if it said nothing.
    public var remaining: Int? { allowance.remaining }

    // MARK: Resources

    /// One page of bookings.
    public func page(_ query: BookingQuery) async throws(CalComError) -> BookingPage {
        let answer = try await get(["bookings"], query.parameters, .bookings, "bookings")
        return try BookingPage(answer, of: query)
    }

    /// One booking; several where the key is that of a series, none where there is none.
    public func booking(_ uid: BookingUID) async throws(CalComError) -> [SeenBooking] {
        do {
            let answer = try await get(["bookings", uid.rawValue], [], .bookings, "bookings")
            let data = try Self.data(of: answer)
            return (data.array ?? [data]).compactMap(SeenBookingReader.read)
        } catch CalComError.missing {
            return []
        }
    }

    /// An event type, with the settings of Cal.com's own apps in its metadata.
    ///
    /// - Parameter id: Its number.
    /// - Returns: The object as sent, for ``SettingsImporter``.
    /// - Throws: ``CalComError``.
    public func eventType(_ id: EventTypeID) async throws(CalComError) -> JSON {
        let path = ["event-types", "\(id.rawValue)"]
        return try await get(path, [], .eventTypes, "event type \(id.rawValue)")
    }

    /// Asks for the owner of the key, to see whether it is good.
    ///
    /// - Throws: ``CalComError``.
    public func check() async throws(CalComError) {
        _ = try Self.data(of: try await get(["me"], [], nil, "the owner of the key"))
    }

    // MARK: Requests

    /// The version of an endpoint, as `cal-api-version` names it.
    private enum Version: String {
        case bookings = "2024-08-13"
        case eventTypes = "2024-06-14"
    }

    private func get(
        _ path: [String],
        _ query: [(String, String)],
        _ version: Version?,
        _ what: String
    ) async throws(CalComError) -> JSON {
        var headers = ["Authorization": "Bearer \(key)", "Accept": "application/json"]
        headers["cal-api-version"] = version?.rawValue
        let call = APICall(url: base.url(path, query), headers: headers)
        var failure = CalComError.unreachable("it was not tried")
        for attempt in 1...tries {
            try await waitForAllowance()
            do throws(CalComError) {
                return try await answer(to: call, what)
            } catch {
                failure = error
            }
            guard failure.mayPass else { throw failure }
            if attempt < tries, case .unreachable = failure {
                try await pause(.seconds(1 << min(attempt - 1, 5)))
            }
        }
        if case .limited = failure, let until = allowance.wait(now: now()) {
            throw .limited(until: until)
        }
        throw failure
    }

    private func answer(to call: APICall, _ what: String) async throws(CalComError) -> JSON {
        let reply: APIReply
        do throws(APISilence) {
            reply = try await transport(call)
        } catch {
            throw .unreachable(error.reason)
        }
        allowance.note(reply, now: now())
        if let error = Self.error(reply, what) { throw error }
        return try Self.json(reply)
    }

    private func waitForAllowance() async throws(CalComError) {
        while let moment = allowance.wait(now: now()) {
            let left = moment.milliseconds - now().milliseconds
            try await pause(.milliseconds(max(1, left)))
        }
        allowance.count(now())
        requests += 1
    }

    private func pause(_ duration: Duration) async throws(CalComError) {
        do { try await sleep(duration) } catch {
            throw .unreachable("the process was told to end while it waited")
        }
    }

    private static func error(_ reply: APIReply, _ what: String) -> CalComError? {
        switch reply.status {
        case 200..<300: nil
        case 401: .unauthorised
        case 403: .forbidden(what)
        case 404: .missing(what)
        case 429: .limited(until: Instant(milliseconds: 0))
        case 500...: .unreachable("it answered \(reply.status)")
        default: .unexpected("status \(reply.status)")
        }
    }

    private static func json(_ reply: APIReply) throws(CalComError) -> JSON {
        guard let json = reply.json, json.members != nil else {
            throw .unexpected("it is no JSON object")
        }
        guard json["status"]?.string == "success" else {
            throw .unexpected("its status is not 'success'")
        }
        return json
    }

    private static func data(of answer: JSON) throws(CalComError) -> JSON {
        guard let data = answer.present("data") else { throw .unexpected("it has no 'data'") }
        return data
    }
}

extension CalComError {
    /// Whether the same request may succeed in a moment.
    fileprivate var mayPass: Bool {
        switch self {
        case .unreachable, .limited: true
        case .configuration, .unauthorised, .forbidden, .missing, .unexpected: false
        }
    }
}
