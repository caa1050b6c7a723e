import Domain
import Foundation

/// What one measurement gives, as a line of JSON.
struct Measurement {
    var name: String
    var events: Int
    var took: Duration
    /// How long each call took; empty where only the whole counts.
    var calls: [Duration] = []
    /// The size of the file and its log.
    var bytes: Int?

    func show() {
        let sorted = calls.sorted()
        let line = JSON.compact([
            ("name", .string(name)),
            ("events", .integer(events)),
            ("seconds", .decimal(took.seconds, places: 6)),
            ("rate", .decimal(Double(events) / took.seconds, places: 1)),
            ("p50us", sorted.quantile(0.5).map { .decimal($0.seconds * 1e6, places: 1) }),
            ("p99us", sorted.quantile(0.99).map { .decimal($0.seconds * 1e6, places: 1) }),
            ("peakMB", .decimal(Double(Self.peakMemory) / 1024, places: 1)),
            ("bytesPerEvent", bytes.map { .decimal(Double($0) / Double(events), places: 1) }),
        ])
        print(line.text)
    }

    /// The most memory that the process had: KiB.
    private static var peakMemory: Int {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension [Duration] {
    /// The value below which a part of the sorted durations lies; nil for none.
    fileprivate func quantile(_ part: Double) -> Duration? {
        isEmpty ? nil : self[Swift.min(count - 1, Int(Double(count) * part))]
    }
}

extension JSON {
    fileprivate static func decimal(_ value: Double, places: Int) -> JSON {
        .number(String(format: "%.\(places)f", value))
    }
}
