import Domain
import Foundation
import Synchronization

/// Data goes to standard output, messages go to standard error.
enum Terminal {
    /// Prints data, as far as it is harmless.
    static func show(_ text: String) {
        FileHandle.standardOutput.write(Data((harmless(text) + "\n").utf8))
    }

    /// Prints one JSON document, with its last control characters escaped: they stand in texts only.
    static func show(_ json: JSON) {
        var text = ""
        for scalar in json.prettyText.unicodeScalars {
            if ("\u{7F}"..."\u{9F}").contains(scalar) {
                text += #"\u00"# + String(scalar.value, radix: 16)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    /// Prints a message for people, as far as it is harmless.
    static func tell(_ text: String) {
        FileHandle.standardError.write(Data((harmless(text) + "\n").utf8))
    }

    /// A text with the mark of an unreadable character for every control character that is neither a line end, a tab nor
    /// part of our colours.
    ///
    /// What bookers typed reaches the terminal of whoever reads a plan, and must not move its cursor,
    /// clear its screen or name its window.
    private static func harmless(_ text: String) -> String {
        let colours = (Style.allCases.map(\.rawValue) + ["0"]).map {
            Array("[\($0)m".unicodeScalars)
        }
        var harmless = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            let isPlain =
                switch scalar {
                case "\n", "\t": true
                case "\r": rest.first == "\n"
                case "\u{1B}": colours.contains { rest.starts(with: $0) }
                default: scalar.properties.generalCategory != .control
                }
            harmless.append(isPlain ? scalar : "\u{FFFD}")
        }
        return String(harmless)
    }

    /// Prints an error.
    static func complain(_ text: String) { tell("Error: \(text)") }

    /// Whether a person reads standard output.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether colour is welcome on standard output.
    static var hasColour: Bool {
        isInteractive && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
            && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// A text in a colour, where that is welcome.
    static func paint(_ text: String, _ style: Style) -> String {
        hasColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// The few styles that are used.
    enum Style: String, CaseIterable {
        case bold = "1"
        case faint = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }
}

/// Tells a person what long work is doing: nothing for two seconds, then a line whenever it changes,
/// at most once a second.
final class Progress: Sendable {
    private let state: Mutex<(started: ContinuousClock.Instant, last: ContinuousClock.Instant?)>
    private let isQuiet: Bool

    /// Starts the clock.
    init(isQuiet: Bool = false) {
        self.isQuiet = isQuiet
        state = Mutex((ContinuousClock.now, nil))
    }

    /// Says what is being done.
    func tell(_ text: String) {
        guard !isQuiet else { return }
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            guard now - state.started >= .seconds(2),
                state.last.map({ now - $0 >= .seconds(1) }) ?? true
            else { return false }
            state.last = now
            return true
        }
        if isDue { Terminal.tell("… \(text)") }
    }
}
