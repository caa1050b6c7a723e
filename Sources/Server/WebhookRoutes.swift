import CalCom
import Domain
import HTTPTypes
import Hummingbird
import Journal
import Ledger
import Logging
import NIOCore

/// Receives the webhooks of Cal.com at `POST /webhooks/cal`.
///
/// | request                        | answer                                                    |
/// |--------------------------------|-----------------------------------------------------------|
/// | something new                  | 200, `appended` and its position                          |
/// | the same again                 | 200, `duplicate` and the position it already has          |
/// | a test or a recording          | 200, `noted` and its position                             |
/// | a trigger nobody taught us     | 200, `unrecognised` and its position                      |
/// | authentic and not understood   | 200, `rejected`; it is kept, and a retry cannot help      |
/// | signature missing or wrong     | 401, before the body is parsed; it is kept and counted    |
/// | the same, again and again      | 429 after a while; it is neither kept nor counted         |
/// | more than 1 MiB                | 413, before the rest is read; nothing is kept             |
/// | another method                 | 405                                                       |
/// | ledger cannot write            | 503; nothing is kept, and Cal.com should retry            |
///
/// An answer of 200 is sent when the delivery is on disk, not before. 410 is never sent: Cal.com
/// would switch the subscription off. The content type is kept and does not decide anything,
/// because templates may send forms.
struct WebhookRoutes: Sendable {
    /// Where deliveries are sent, with or without a slash at the end.
    static let path = "/webhooks/cal"

    /// The largest body that is read, in bytes; real ones stay below 100 KiB.
    static let largestBody = 1_024 * 1_024

    /// The headers that are kept with a delivery, in lower case.
    static let keptHeaders: Set = [
        "content-type", signatureHeader, "x-cal-webhook-version", "user-agent",
    ]

    private static let signatureHeader = WebhookSignature.headerName.lowercased()

    /// Whether the bytes, exactly as they arrived, have the signature.
    let isAuthentic: @Sendable (_ body: [UInt8], _ signature: String?) -> Bool

    /// Makes an authentic delivery durable.
    let take: Take

    /// Keeps and counts a forged delivery.
    let refuse: Refuse

    /// Told of deliveries that could not be written, without personal data.
    let logger: Logger

    /// Whether another forged delivery of a source may be kept: nil, or the seconds to wait.
    var mayRefuse: @Sendable (_ source: String) -> Int? = { _ in nil }

    typealias Headers = [String: String]
    typealias Take =
        @Sendable (_ body: [UInt8], _ headers: Headers) async throws(LedgerError) -> DeliveryReceipt
    typealias Refuse =
        @Sendable (_ body: [UInt8], _ headers: Headers) async throws(LedgerError) -> Void

    /// Registers the route; the router treats a slash at the end as if it were not there.
    func add(to router: Router<ServerContext>) {
        router.post(RouterPath(Self.path)) { request, context in
            try await receive(request, from: context.source, id: context.requestID)
        }
    }

    /// Answers one delivery, as the table says.
    func receive(
        _ request: Request,
        from source: String = "",
        id: String = ""
    ) async throws -> Response {
        let body = try await Self.body(of: request)
        let headers = Self.kept(request.headers)
        guard isAuthentic(body, headers[Self.signatureHeader]) else {
            if let wait = mayRefuse(source) { throw Problem.tooMany(seconds: wait) }
            return try await refused(body, headers)
        }
        do {
            let receipt = try await take(body, headers)
            logger.debug(
                "A webhook was taken",
                metadata: [
                    "request": "\(id)", "verdict": "\(receipt.verdict.rawValue)",
                    "position": "\(receipt.position?.rawValue ?? 0)",
                ]
            )
            return Response(json: receipt.json)
        } catch {
            var details: Logger.Metadata = ["error": "\(error)"]
            if !id.isEmpty { details["request"] = "\(id)" }
            logger.error("A webhook was not recorded", metadata: details)
            throw error.answer
        }
    }

    private func refused(_ body: [UInt8], _ headers: Headers) async throws(Problem) -> Response {
        do {
            try await refuse(body, headers)
        } catch {
            // Forged is forged, whether it could be written down or not: no retry is asked for.
            logger.error("A forged webhook was not recorded", metadata: ["error": "\(error)"])
        }
        throw .unauthentic
    }

    private static func body(of request: Request) async throws -> [UInt8] {
        // What is announced as too large is not begun; what is not announced is counted.
        let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= largestBody else { throw HTTPError(.contentTooLarge) }
        let buffer = try await request.body.collect(upTo: largestBody)
        return Array(buffer.readableBytesView)
    }

    private static func kept(_ fields: HTTPFields) -> Headers {
        Dictionary(
            fields.map { ($0.name.canonicalName, $0.value) }
                .filter { name, _ in keptHeaders.contains(name) },
            uniquingKeysWith: { "\($0), \($1)" }
        )
    }
}

extension DeliveryReceipt {
    /// The answer to the sender, for example `{"verdict":"appended","position":12}`.
    fileprivate var json: JSON {
        .compact([
            ("verdict", .string(verdict.rawValue)),
            ("position", position.map { .integer($0.rawValue) }),
        ])
    }
}

extension LedgerError {
    /// The one place that says how a ledger error looks from outside.
    ///
    /// Whatever it was, nothing was recorded: the sender should keep the delivery and come again.
    /// What it was is for our own log.
    var answer: Problem { .unavailable }
}
