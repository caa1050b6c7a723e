import Domain
import Foundation
import Synchronization

/// Data goes to standard output, messages go to standard error.
enum Terminal {
    /// Prints data.
    static func show(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    /// Prints one JSON document.
    static func show(_ json: JSON) { show(json.prettyText) }

    /// Prints a message for people.
    static func tell(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
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
    enum Style: String {
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
