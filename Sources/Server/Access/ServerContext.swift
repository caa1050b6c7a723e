import Hummingbird
import Journal
import NIOCore

/// What travels with a request.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    /// Who asks; nil for a stranger.
    var principal: Principal?

    /// Names the request in logs and answers.
    var requestID = ""

    /// Who sent the request: an address, of the peer or as a trusted proxy tells.
    var source = ""

    /// Whether it came to a proxy of ours over TLS.
    var isEncrypted = false

    /// The connection.
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// The address of the peer; `unknown` where there is none.
    var peer: String { channel.remoteAddress?.ipAddress ?? "unknown" }

    /// Closes the connection when the answer had time to go out.
    func hangUpSoon() {
        guard channel.remoteAddress != nil else { return }
        let channel = channel
        channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }
}

/// Somebody who showed a token that is good.
struct Principal: Hashable, Sendable {
    /// The token.
    let token: APIToken

    /// Proves that a form was sent from one of our pages; nil for who comes without a session.
    let formKey: String?

    /// Whether names, addresses and answers may be shown.
    var seesPeople: Bool { token.role >= .operator }
}
