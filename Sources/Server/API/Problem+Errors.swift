import Audit
import Domain
import HTTPTypes
import Hummingbird
import Ledger
import Logging
import Pipeline

/// The one place that says how errors of the stages look from outside.
extension Problem {
    /// The answer to an error.
    ///
    /// - Parameters:
    ///   - error: What went wrong.
    ///   - logger: Told what an outsider does not see.
    /// - Returns: The problem, or the error itself where it stands for an answer of its own.
    static func of(_ error: any Error, _ logger: Logger) -> any Error {
        switch error {
        case let error as DeskError: problem(error)
        case let error as AuditError: problem(error)
        case let error as SettingsDocumentError:
            Problem.invalid("The settings cannot be read: \(error)")
        case LedgerError.notFound(let what): Problem(status: .notFound, detail: "\(what).")
        case let error as LedgerError: unavailable(error, logger)
        default: error
        }
    }

    private static func unavailable(_ error: LedgerError, _ logger: Logger) -> Problem {
        logger.error("The ledger does not answer", metadata: ["error": "\(error)"])
        return error.answer
    }

    private static func problem(_ error: DeskError) -> Problem {
        let status: HTTPResponse.Status =
            switch error {
            case .unavailable: .serviceUnavailable
            case .refused: .conflict
            case .invalid: .unprocessableContent
            case .notFound: .notFound
            case .moved: .preconditionFailed
            }
        return Problem(status: status, detail: "\(error)")
    }

    private static func problem(_ error: AuditError) -> Problem {
        switch error {
        case .unknownBooking, .unknownRecord, .unknownPerson, .notKnownThen:
            Problem(status: .notFound, detail: "\(error)")
        case .beyondEnd, .inFuture: Problem(status: .badRequest, detail: "\(error)")
        }
    }
}
