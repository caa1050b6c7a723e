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
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        var answer = ByteBuffer()
        do {
            try await channel.executeThenClose { inbound, outbound in
                for piece in pieces { try await outbound.write(ByteBuffer(string: piece)) }
                try await meanwhile()
                for try await bytes in inbound { answer.writeImmutableBuffer(bytes) }
            }
        } catch is IOError {
            // The server closed while there was still something to say, or this side closing.
        } catch is ChannelError {
            // The same, noticed by this side.
        }
        return String(buffer: answer)
    }
}
