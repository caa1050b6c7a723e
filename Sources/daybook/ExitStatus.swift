import ArgumentParser
import Audit
import CalCom
import Domain
import Foundation
import Ledger
import Pipeline
import Salesforce
import SalesforceEmulator
import Server

/// What the shell is told.
///
/// The numbers are part of the stable surface: see `daybook --help`.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    case changesFound = 2
    case needsAttention = 3
    case refused = 4
    case integrity = 5
    case badInput = 65
    case unreachable = 69
    case tryLater = 75
    case noPermission = 77
    case configuration = 78

    /// Ends the command with this status.
    ///
    /// The message was printed already.
    var exitCode: ExitCode { ExitCode(rawValue) }

    /// Prints what went wrong and ends the process with the status that fits.
    static func leave(with error: any Error, _ command: any ParsableCommand.Type) -> Never {
        switch error {
        case let failure as CommandFailure:
            Terminal.complain(failure.message)
            exit(failure.status.rawValue)
        case let interruption as Interruption:
            Terminal.complain("Interrupted; nothing was connected.")
            exit(interruption.status)
        case is ExitCode, is CleanExit, is ValidationError:
            leaveAsParserSays(error, command)
        default:
            guard let status = status(of: error) else { leaveAsParserSays(error, command) }
            Terminal.complain("\(error)")
            exit(status.rawValue)
        }
    }

    private static func leaveAsParserSays(
        _ error: any Error,
        _ command: any ParsableCommand.Type
    ) -> Never {
        command.exit(withError: error)
    }

    /// The status of an error of ours; nil for one of the argument parser's.
    static func status(of error: any Error) -> ExitStatus? {
        switch error {
        case let error as SalesforceError:
            switch error {
            case .unreachable: .unreachable
            case .unauthorised, .logInRefused, .forbidden: .noPermission
            case .limitReached: .tryLater
            case .rejected, .unexpectedAnswer: .failed
            case .configuration: .configuration
            }
        case let error as CalComError:
            switch error {
            case .unreachable: .unreachable
            case .unauthorised, .forbidden: .noPermission
            case .limited: .tryLater
            case .missing: .badInput
            case .unexpected: .failed
            case .configuration: .configuration
            }
        case let refusal as RunRefusal:
            switch refusal {
            case .busy, .limitPause, .budget: .tryLater
            case .largeChange, .stalePlan: .refused
            case .otherOrg: .noPermission
            }
        case let error as LedgerError:
            switch error {
            case .newerFormat, .key: .configuration
            case .setBack: .refused
            case .damaged: .integrity
            case .notFound, .erased: .badInput
            case .proof(let error): proofStatus(error)
            default: .failed
            }
        case let error as NoteError: proofStatus(error)
        case is ConfigurationError: .configuration
        case is AuditError, is BindingRefusal, is ReplayError, is UnclearSubject: .badInput
        case let error as ServerError:
            switch error {
            case .noSecret, .invalidPort, .incomplete: .configuration
            case .cannotListen: .failed
            }
        case is EmulatorError: .failed
        case is SettingsDocumentError, is JSONError: .badInput
        case is CocoaError, is POSIXError: .failed
        default: nil
        }
    }

    /// A file that cannot be read is bad input; one that says something false is the finding that
    /// an integrity check is made for.
    private static func proofStatus(_ error: NoteError) -> ExitStatus {
        switch error {
        case .badKey, .malformed: .badInput
        case .badSignature, .unsigned, .otherOrigin, .badProof, .tooFewWitnesses: .integrity
        }
    }
}

/// A failure with its own words and status.
struct CommandFailure: Error {
    let status: ExitStatus
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        (self.status, self.message) = (status, message)
    }
}
