import Foundation

/// The bookings, the event types, the limit and the faults of one emulator.
actor BookingOffice {
    /// A fault that the next requests meet.
    struct Fault: Sendable {
        var status: Int
        var left: Int
    }

    private let key: String?
    private let perMinute: Int
    let now: @Sendable () -> Date
    private(set) var bookings: [Value] = []
    private(set) var eventTypes: [Value] = []
    private var minute: (begins: Date, count: Int)?
    private var fault: Fault?
    private(set) var requests = 0
    /// Whether filters by time are ignored, as issue 18010 of Cal.com tells.
    private(set) var ignoresDates = false

    init(key: String?, perMinute: Int, now: @escaping @Sendable () -> Date) {
        (self.key, self.perMinute, self.now) = (key, perMinute, now)
    }

    // MARK: Contents

    func load(_ json: Data) throws(CalComEmulatorError) {
        let value: Value
        do { value = try JSONDecoder().decode(Value.self, from: json) } catch {
            throw .unusable("it is no JSON")
        }
        if let list = value["data"].list { return put(list) }
        if value["data"]["slug"].text != nil { return eventTypes.append(value["data"]) }
        if value["data"]["uid"].text != nil { return put([value["data"]]) }
        let (list, types) = (value["bookings"].list, value["eventTypes"].list)
        guard list != nil || types != nil else { throw .unusable("it names neither") }
        put(list ?? [])
        eventTypes += types ?? []
    }

    /// Puts bookings in; one whose uid is there replaces it.
    func put(_ list: [Value]) {
        for booking in list {
            if let place = bookings.firstIndex(where: { $0["uid"] == booking["uid"] }) {
                bookings[place] = booking
            } else {
                bookings.append(booking)
            }
        }
    }

    /// Changes members of a booking, and the time of its last change unless that is among them.
    ///
    /// - Returns: The booking; nil if there is none.
    func change(_ uid: String, _ changes: [String: Value]) -> Value? {
        guard let place = bookings.firstIndex(where: { $0["uid"].text == uid }),
            case .object(var object) = bookings[place]
        else { return nil }
        object["updatedAt"] = .text(Moment.write(now()))
        object.merge(changes) { _, new in new }
        bookings[place] = .object(object)
        return bookings[place]
    }

    func order(_ fault: Fault?, ignoresDates: Bool) {
        (self.fault, self.ignoresDates) = (fault, ignoresDates)
    }

    // MARK: At the door

    /// The status that a request meets before it is looked at; nil for none.
    func takeFault() -> Int? {
        guard var current = fault, current.left > 0 else { return nil }
        current.left -= 1
        fault = current
        return current.status
    }

    func isGood(authorization: String?) -> Bool {
        guard let authorization, authorization.hasPrefix("Bearer "), authorization.count > 7 else {
            return false
        }
        return key.map { authorization == "Bearer \($0)" } ?? true
    }

    /// Counts a request.
    ///
    /// - Returns: How many are left, and when the minute ends; less than nothing for too many.
    func count() -> (left: Int, reset: Date) {
        requests += 1
        let now = now()
        var current = minute ?? (now, 0)
        if now >= current.begins.addingTimeInterval(60) { current = (now, 0) }
        current.count += 1
        minute = current
        return (perMinute - current.count, current.begins.addingTimeInterval(60))
    }

    var limit: Int { perMinute }
}
