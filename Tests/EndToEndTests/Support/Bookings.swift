import CalCom
import Foundation

/// Deliveries about many bookings, made from the recorded one.
struct Bookings {
    private let body: String

    init() throws { body = try Recorded.text("booking_created.json") }

    /// The delivery of one booking.
    func body(_ number: Int) -> String { body.replacing(Recorded.uid, with: "bk\(number)") }

    /// Sends the delivery of one booking as a signed webhook.
    ///
    /// - Parameters:
    ///   - number: The booking.
    ///   - address: Where the service listens.
    /// - Returns: The status of the answer.
    /// - Throws: An error of Foundation's if there is no answer.
    func post(_ number: Int, to address: String) async throws -> Int {
        let body = body(number)
        let signature = WebhookSignature.signature(of: Array(body.utf8), secret: "whsec-example-1")
        let headers = ["X-Cal-Signature-256": signature, "Content-Type": "application/json"]
        return try await Web.send(
            "POST",
            "\(address)/webhooks/cal",
            headers: headers,
            body: body
        ).status
    }

    /// One delivery per line.
    func lines(_ numbers: Range<Int>) throws -> String {
        try numbers.map { number in
            let value = try JSONSerialization.jsonObject(with: Data(body(number).utf8))
            let line = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
            return String(decoding: line, as: UTF8.self)
        }.joined(separator: "\n")
    }
}
