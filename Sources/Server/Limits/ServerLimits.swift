/// How much the server takes from whom.
///
/// The usual values are far above what Cal.com sends and far below what would harm the process.
public struct ServerLimits: Hashable, Sendable {
    /// The largest body, in bytes; real ones stay below 100 KiB.
    public var largestBody = 1_024 * 1_024
    /// The most bytes of all header fields, names and values.
    public var largestHead = 16 * 1_024
    /// How long a body may take to arrive: seconds.
    public var bodySeconds = 10
    /// How long a connection may be silent, and a head may take: seconds.
    public var idleSeconds = 30
    /// The most requests that are under way at once.
    public var mostAtOnce = 512
    /// The most connections; more wait until one is closed.
    public var mostConnections = 2_000
    /// The most requests a second from one source.
    public var perSecond = 2_000
    /// The most forged deliveries a second from one source.
    public var forgedPerSecond = 5
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, by address.
    public var trustedProxies: Set<String> = []

    /// Creates the usual limits.
    public init() {}
}
