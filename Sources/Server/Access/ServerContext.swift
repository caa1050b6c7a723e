import Hummingbird
import Journal

/// What travels with a request.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    /// Who asks; nil for a stranger.
    var principal: Principal?

    init(source: ApplicationRequestContextSource) { coreContext = .init(source: source) }
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
