/// Writes metrics in the text format of Prometheus.
///
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>
struct PrometheusText {
    private(set) var text = ""

    /// The type under which scrapers know it.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    typealias Labels = [(String, String)]

    /// Begins a metric.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: Labels, _ value: some BinaryInteger) {
        line(name, labels, "\(value)")
    }

    mutating func sample(_ name: String, _ value: some BinaryInteger) {
        line(name, [], "\(value)")
    }

    mutating func sample(_ name: String, _ value: Double) { line(name, [], "\(value)") }

    /// One metric with one value.
    mutating func single(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        _ value: (some BinaryInteger)?
    ) {
        guard let value else { return }
        metric(name, kind, help)
        sample(name, value)
    }

    private mutating func line(_ name: String, _ labels: Labels, _ value: String) {
        let inside = labels.map { #"\#($0)="\#(Self.escaped($1))""# }.joined(separator: ",")
        text += inside.isEmpty ? "\(name) \(value)\n" : "\(name){\(inside)} \(value)\n"
    }

    private static func escaped(_ value: String) -> String {
        // By scalars: the line feed of a line end of two is one, too.
        value.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\\": text += #"\\"#
            case "\"": text += #"\""#
            case "\n": text += #"\n"#
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
