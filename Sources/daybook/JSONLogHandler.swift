import Domain
import Foundation
import Logging

/// Writes each log entry as one line of JSON on standard error.
///
/// `request`, `run` and `position` among the members tell which entries belong together.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    /// The time.
    let now: @Sendable () -> Instant
    /// Writes a line.
    let write: @Sendable (String) -> Void

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let details = metadata.merging(event.metadata ?? [:]) { _, own in own }
            .filter { !["time", "level", "message"].contains($0.key) }
        let members =
            [
                JSON.Member("time", .string(now().rfc3339)),
                JSON.Member("level", .string(event.level.rawValue)),
                JSON.Member("message", .string("\(event.message)")),
            ]
            + details.sorted { $0.key < $1.key }
            .map { JSON.Member($0.key, .string("\($0.value)")) }
        write(JSON.object(members).text)
    }
}

/// How logs are written.
enum LogFormat: String, CaseIterable {
    case text
    case json

    /// A logger on standard error.
    func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "daybook") { label in
            switch self {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler(now: Session.now, write: { Terminal.tell($0) })
            }
        }
        logger.logLevel = level
        return logger
    }
}
