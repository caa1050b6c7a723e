public import Foundation

/// How an emulated org is set up.
public struct EmulatorOptions: Sendable {
    /// The address to listen on.
    ///
    /// Anything but loopback exposes an org without a lock.
    public var host: String

    /// The port to listen on; 0 takes any free one.
    public var port: Int

    /// Whether the org is served over TLS, with a certificate that it makes at start.
    ///
    /// See ``SalesforceEmulator/certificate``. Without, it is plain HTTP.
    public var isSecure: Bool

    /// Where the org's data live.
    ///
    /// | value              | meaning                                               |
    /// |--------------------|-------------------------------------------------------|
    /// | nil                | the default org, in memory                            |
    /// | path to `*.json`   | the default org and this seed, in memory              |
    /// | any other path     | a database file, created if missing; everything stays |
    public var orgFile: String?

    /// The clock, before it is shifted through the control interface.
    public var now: @Sendable () -> Date

    /// Sets the characters of record ids that tell orgs apart.
    ///
    /// The same seed and the same requests give the same ids.
    public var seed: UInt64

    /// Creates options; without arguments those of the default org.
    ///
    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: The port to listen on; 0 takes any free one.
    ///   - isSecure: Whether it is served over TLS.
    ///   - orgFile: Where the org's data live; nil keeps them in memory.
    ///   - now: The clock.
    ///   - seed: What record ids are made from.
    public init(
        host: String = "127.0.0.1",
        port: Int = 0,
        isSecure: Bool = false,
        orgFile: String? = nil,
        now: @escaping @Sendable () -> Date = { Date() },
        seed: UInt64 = 1
    ) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
        self.orgFile = orgFile
        self.now = now
        self.seed = seed
    }
}

extension EmulatorOptions {
    /// How addresses of the org begin.
    var scheme: String { isSecure ? "https" : "http" }
}
