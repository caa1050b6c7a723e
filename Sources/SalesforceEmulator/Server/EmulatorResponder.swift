import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// What the server knows of the connection that a request came on.
struct ConnectionContext: InitializableFromSource, Sendable {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}

/// Translates between the HTTP server and the gateway.
struct EmulatorResponder: HTTPResponder {
    let gateway: Gateway

    /// The largest body, as documented for requests.
    private static let largestBody = 50 * 1024 * 1024

    /// The largest body of a bulk upload; the org's settings draw the line below it.
    private static let largestUpload = 150 * 1024 * 1024

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        let translated = try await translated(request)
        switch await gateway.handle(translated) {
        case .hangUp:
            // Nothing may be written before the channel is gone.
            try await context.channel.close()
            throw CancellationError()
        case .breakOff(let answer):
            return Self.half(of: response(answer, to: translated))
        case .answer(let answer):
            let response = response(answer, to: translated)
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    /// The head of an answer and a piece of its body, after which the connection closes.
    private static func half(of response: Response) -> Response {
        Response(
            status: response.status,
            headers: response.headers,
            body: ResponseBody(contentLength: 1_000_000) { writer in
                try await writer.write(ByteBuffer(string: "[{\"id\":"))
                throw CancellationError()
            }
        )
    }

    private func translated(_ request: Request) async throws -> APIRequest {
        var translated = APIRequest(
            method: request.method.rawValue,
            target: request.head.path ?? "/"
        )
        for field in request.headers {
            translated.headers[field.name.canonicalName] = field.value
        }
        translated.takeFormat()
        translated.headers["host"] = request.head.authority ?? translated.headers["host"]
        let isUpload = translated.path.hasSuffix("/batches")
        let body = try await request.body.collect(
            upTo: isUpload ? Self.largestUpload : Self.largestBody
        )
        if body.readableBytes > 0 { translated.body = .bytes(Array(body.readableBytesView)) }
        return translated
    }

    private func response(_ answer: APIResponse, to request: APIRequest) -> Response {
        var headers = HTTPFields()
        for header in answer.headers {
            if let name = HTTPField.Name(header.name) { headers[name] = header.value }
        }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .none: return Response(status: status, headers: headers)
        case .json(let json) where request.wantsXML:
            headers[.contentType] = "application/xml;charset=UTF-8"
            let text = XMLWriter.text(of: json, path: request.segments)
            return Response(
                status: status,
                headers: headers,
                body: .init(byteBuffer: ByteBuffer(string: text))
            )
        case .json(let json):
            headers[.contentType] = "application/json;charset=UTF-8"
            let isIndented = request.headers["x-prettyprint"] == "1"
            let bytes = JSONWriter.bytes(of: json, isIndented: isIndented)
            return Response(
                status: status,
                headers: headers,
                body: .init(byteBuffer: ByteBuffer(bytes: bytes))
            )
        case .text(let text, let contentType):
            headers[.contentType] = contentType
            return Response(
                status: status,
                headers: headers,
                body: .init(byteBuffer: ByteBuffer(string: text))
            )
        case .bytes(let bytes, let contentType):
            headers[.contentType] = contentType
            return Response(
                status: status,
                headers: headers,
                body: .init(byteBuffer: ByteBuffer(bytes: bytes))
            )
        }
    }
}
