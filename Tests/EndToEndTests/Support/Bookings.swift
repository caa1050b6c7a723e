import Foundation

/// Deliveries about many bookings, made from the recorded one.
struct Bookings {
    private let body: String

    init() throws { body = try Recorded.text("booking_created.json") }

    /// The delivery of one booking.
    func body(_ number: Int) -> String { body.replacing(Recorded.uid, with: "bk\(number)") }

    /// One delivery per line.
    func lines(_ numbers: Range<Int>) throws -> String {
        try numbers.map { number in
            let value = try JSONSerialization.jsonObject(with: Data(body(number).utf8))
            let line = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
            return String(decoding: line, as: UTF8.self)
        }.joined(separator: "\n")
    }
}
