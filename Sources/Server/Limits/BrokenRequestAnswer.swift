import Domain
import NIOCore
import NIOHTTP1

/// Answers bytes that are no HTTP request as a problem, and closes the connection.
///
/// The framework itself would answer 400 without a body. What is written here passes its encoder by,
/// because there is no request to which it could be the answer.
final class BrokenRequestAnswer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private var isAnswered = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isAnswered { context.fireChannelRead(data) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        guard !isAnswered else { return }
        isAnswered = true
        do {
            let encoder = try context.pipeline.syncOperations
                .context(handlerType: HTTPResponseEncoder.self)
            let bytes = Self.bytes(error == .headerOverflow ? .tooLarge : .broken)
            encoder.writeAndFlush(NIOAny(ByteBuffer(string: bytes)), promise: nil)
            encoder.close(promise: nil)
        } catch {
            // Without an encoder there is nobody to answer to.
            context.close(promise: nil)
        }
    }

    private enum Kind {
        case tooLarge
        case broken
    }

    private static func bytes(_ kind: Kind) -> String {
        let (status, title, detail) =
            switch kind {
            case .tooLarge:
                (431, "Request Header Fields Too Large", "The head of the request is too large.")
            case .broken: (400, "Bad Request", "That is no HTTP request.")
            }
        let body = JSON.compact([
            ("type", .string("about:blank")), ("title", .string(title)),
            ("status", .integer(status)), ("detail", .string(detail)),
        ]).text
        return """
            HTTP/1.1 \(status) \(title)\r\nContent-Type: application/problem+json\r\n\
            Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)
            """
    }
}
