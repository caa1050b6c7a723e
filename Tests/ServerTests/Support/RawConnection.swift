import NIOCore
import NIOPosix

/// A connection on which a test says whatever it likes.
enum RawConnection {
    /// Sends pieces, and reads until the server closes.
    ///
    /// - Parameters:
    ///   - port: Where the server listens.
    ///   - pieces: What is sent, one after the other.
    ///   - meanwhile: What is done after they were sent.
    /// - Returns: Everything that came back.
    /// - Throws: What `meanwhile` throws, or why there was no connection.
    static func exchange(
        port: Int,
        _ pieces: String...,
        meanwhile: () async throws -> Void = {}
    ) async throws -> String {
        var (answer, isConnected) = (ByteBuffer(), false)
        do {
            let channel = try await connect(port)
            isConnected = true
            try await channel.executeThenClose { inbound, outbound in
                for piece in pieces { try await outbound.write(ByteBuffer(string: piece)) }
                try await meanwhile()
                for try await bytes in inbound { answer.writeImmutableBuffer(bytes) }
            }
        } catch is IOError where isConnected {
            // The server closed while there was still something to say.
        } catch is ChannelError {
            // The same, noticed by this side: while closing, or before it had begun to speak.
        }
        return String(buffer: answer)
    }

    private static func connect(
        _ port: Int
    ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
    }
}
