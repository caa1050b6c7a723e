/// A reason why the server did not start.
public enum ServerError: Error, Hashable, Sendable {
    /// Deliveries could not be told from forged ones.
    case noSecret

    /// There is no such port.
    case invalidPort(Int)

    /// Templates or other files of the server are missing.
    case incomplete(String)

    /// The address is taken, not ours to use, or unknown.
    case cannotListen(host: String, port: Int, reason: String)
}

extension ServerError: CustomStringConvertible {
    /// What went wrong and what to do about it.
    public var description: String {
        switch self {
        case .noSecret:
            """
            There is no webhook secret, so anybody could send bookings. Set \
            DAYBOOK_CALCOM_WEBHOOK_SECRET (or DAYBOOK_CALCOM_WEBHOOK_SECRET_FILE) to the secret of \
            the webhook in Cal.com, or start with '--allow-unsigned' for a trial.
            """
        case .invalidPort(let port):
            "\(port) is no port. Choose one from 1 to 65535, or 0 for any that is free."
        case .incomplete(let reason):
            """
            The server's own files are not beside the program: \(reason). Install Daybook anew, \
            with the folder 'daybook_Server.resources' beside it.
            """
        case .cannotListen(let host, let port, let reason):
            """
            Cannot listen on \(host), port \(port): \(reason). Stop what uses it, or choose another \
            with '--port' or '--host'.
            """
        }
    }
}
