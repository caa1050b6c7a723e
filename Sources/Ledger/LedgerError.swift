import Foundation
import GRDB

/// A reason why the ledger could not do what it was asked.
public enum LedgerError: Error {
    /// A stream was not at the revision that the caller expected. Read it again, then decide.
    case conflict(stream: String, expected: ExpectedRevision, actual: Int64?)

    /// An event id came back with different contents. Retrying cannot help.
    case identifierReused(EventID, recordedAt: Int64)

    /// An event is in the store but cannot be understood: damaged, or from a newer version.
    case unreadable(position: Int64, reason: String)

    /// The file was made by a newer version of Daybook.
    case newerFormat(found: String)

    /// The key of the ledger is missing or does not belong to this file.
    case key(reason: String)

    /// The file cannot be written: a full disk, a read-only file, missing permission.
    case unwritable(reason: String)

    /// There is a file of the name already, which was left as it is.
    case taken(path: String, remedy: String)

    /// The file is none of a ledger's, or its beginning is damaged.
    case noLedger

    /// Pages of the file are not what SQLite wrote. Retrying cannot help.
    case damaged

    /// The file does not continue what was signed before: an older copy, or another history.
    case setBack(SetBack)

    /// A backup holds something else than what was signed, and was not put in place.
    case unsoundBackup(problem: String)

    /// A copy that was just made does not verify, and was not kept.
    case unsoundCopy(problem: String)

    /// Something that was asked for is not in the ledger.
    case notFound(String)

    /// The person was erased, and an event says so.
    case erased(position: Int64?)

    /// A checkpoint, a proof or a key for them is not what it should be.
    case proof(NoteError)

    /// The store itself failed. Retrying may help.
    case storage(any Error)
}

extension LedgerError: CustomStringConvertible {
    /// What went wrong and what to do about it, without personal data.
    public var description: String {
        switch self {
        case .conflict(let stream, let expected, let actual):
            """
            Stream '\(stream)' is at revision \(actual.map(String.init) ?? "none"), and \
            \(expected) was expected. Somebody else wrote first; read again and decide anew.
            """
        case .identifierReused(let id, let position):
            """
            Event \(id) was recorded at position \(position) with other contents. The first one \
            stands; give the new event an id of its own.
            """
        case .unreadable(let position, let reason):
            """
            The event at position \(position) cannot be read: \(reason). Run 'daybook ledger \
            verify' to see what else is damaged.
            """
        case .newerFormat(let found):
            """
            This ledger was made by a newer version of Daybook (it has '\(found)'). Install that \
            version or a later one; nothing was changed.
            """
        case .key(let reason):
            "The ledger's key cannot be used: \(reason)."
        case .unwritable(let reason):
            """
            The ledger cannot be written: \(reason). Free some space or correct the permissions \
            of the file and its folder; nothing was half written.
            """
        case .taken(let path, let remedy):
            "'\(path)' is there already, and is not overwritten. \(remedy)"
        case .noLedger:
            """
            The file is no ledger. Point 'ledger' (or DAYBOOK_LEDGER) at the right one, or put a \
            backup in its place with 'daybook ledger restore FILE'.
            """
        case .damaged:
            """
            The database file is damaged. 'daybook ledger verify' shows where, as far as the file can \
            be read. Keep it as evidence, and put a backup in its place with 'daybook ledger restore \
            FILE'.
            """
        case .unsoundBackup(let problem):
            """
            The backup does not verify, and was not put in place: \(problem). Take another backup; \
            keep this one as evidence.
            """
        case .unsoundCopy(let problem):
            """
            The copy does not verify, and was not kept: \(problem). Run 'daybook ledger verify' to \
            see whether the ledger is damaged.
            """
        case .setBack(let found):
            """
            The ledger does not continue what was signed before: \(found). Nothing is appended. \
            Bring the right file back; or, if what is missing is lost for good, go on under a new \
            name with 'daybook ledger continue --accept-loss'.
            """
        case .notFound(let what):
            "Not found: \(what)."
        case .erased(let position):
            """
            The person was erased already\(position.map { ", by event \($0)" } ?? ""). Nothing is \
            left to find; 'daybook ledger prove' shows the event.
            """
        case .proof(let error):
            error.description
        case .storage(let error):
            """
            The ledger's storage failed: \(Self.words(error)). Try again; if it comes back, run \
            'daybook ledger verify'.
            """
        }
    }

    /// What a foreign error says, without the SQL that it is about and without a full stop.
    private static func words(_ error: any Error) -> String {
        var words: String
        switch error {
        case let error as DatabaseError:
            words = "SQLite error \(error.extendedResultCode.rawValue)"
            if let message = error.message { words += ", \(message)" }
        case let error as CocoaError: words = error.localizedDescription
        default: words = "\(error)"
        }
        while words.last == "." { words.removeLast() }
        return words
    }
}
