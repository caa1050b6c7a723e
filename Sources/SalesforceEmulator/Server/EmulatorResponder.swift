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
        let translated: APIRequest
        do {
            translated = try await self.translated(request)
        } catch let error as APIError {
            return response(APIResponse(error), to: APIRequest(method: "GET", target: "/"))
        }
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
        let most = isUpload ? Self.largestUpload : Self.largestBody
        let body = try await request.body.collect(upTo: most)
        if body.readableBytes > 0 { translated.body = .bytes(Array(body.readableBytesView)) }
        try translated.unpack(most: most)
        return translated
    }

    private func response(_ answer: APIResponse, to request: APIRequest) -> Response {
        var headers = HTTPFields()
        for header in answer.headers {
            if let name = HTTPField.Name(header.name) { headers[name] = header.value }
        }
        let status = HTTPResponse.Status(code: answer.status)
        guard let content = content(of: answer, for: request) else {
            return Response(status: status, headers: headers)
        }
        headers[.contentType] = content.type
        var bytes = content.bytes
        if request.takesGzip, bytes.count >= Compression.smallest,
            headers[.contentEncoding] == nil, let packed = Compression.packed(bytes)
        {
            (headers[.contentEncoding], bytes) = ("gzip", packed)
        }
        return Response(
            status: status,
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// The body of an answer in the form that was asked for; nil for none.
    private func content(
        of answer: APIResponse,
        for request: APIRequest
    ) -> (bytes: [UInt8], type: String)? {
        switch answer.body {
        case .none: return nil
        case .json(let json) where request.wantsXML:
            let text = XMLWriter.text(of: json, path: request.segments)
            return (Array(text.utf8), "application/xml;charset=UTF-8")
        case .json(let json):
            let isIndented = request.headers["x-prettyprint"] == "1"
            return (
                JSONWriter.bytes(of: json, isIndented: isIndented), "application/json;charset=UTF-8"
            )
        case .text(let text, let contentType): return (Array(text.utf8), contentType)
        case .bytes(let bytes, let contentType): return (bytes, contentType)
        }
    }
}
