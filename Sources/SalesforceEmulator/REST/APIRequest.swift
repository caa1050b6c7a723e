/// A request, from the network or as a part of a composite one.
struct APIRequest: Sendable {
    var method: String

    /// The path as it was sent, without the query.
    var path: String

    /// How many bytes path and query had as they were sent.
    var targetSize = 0

    /// The parameters after the question mark, decoded, in their order.
    var parameters: [(name: String, value: String)] = []

    /// Headers by lowercased name.
    var headers: [String: String] = [:]
    var body: Body = .none

    /// A body, read as far as its source allows.
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        case json(JSON)
    }

    /// Makes a request of a method and a path with parameters.
    init(method: String, target: String) {
        let parts = target.split(
            separator: "?",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        path = parts.first.map(String.init) ?? ""
        targetSize = target.utf8.count
        parameters = parts.count > 1 ? FormEncoding.parameters(parts[1]) : []
        self.method = method
        // Clients that cannot send PATCH say what they mean in a parameter.
        if method == "POST", let meant = parameter("_HttpMethod") { self.method = meant }
    }

    /// The parts of the path, decoded; a slash at the end adds none.
    var segments: [String] {
        path.split(separator: "/").map { FormEncoding.decoded($0, plusIsSpace: false) }
    }

    /// Whether data are to be answered as XML instead of JSON.
    var wantsXML: Bool {
        guard path.hasPrefix("/services/data") else { return false }
        let wanted = headers["accept"]?.lowercased() ?? ""
        return wanted.contains("application/xml") && !wanted.contains("json")
    }

    /// Takes `.json` or `.xml` off the end of a path, by which versions up to 57 tell the format.
    mutating func takeFormat() {
        let parts = segments
        guard parts.count > 3, let version = Double(parts[2].dropFirst()), version <= 57 else {
            return
        }
        for format in ["json", "xml"] where path.hasSuffix(".\(format)") {
            path = String(path.dropLast(format.count + 1))
            headers["accept"] = "application/\(format)"
        }
    }

    /// The first parameter of a name.
    func parameter(_ name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// The body as JSON.
    ///
    /// - Throws: `JSON_PARSER_ERROR` if there is none, or it is not JSON.
    func json() throws(APIError) -> JSON {
        switch body {
        case .json(let json): return json
        case .none: throw .bodyRequired
        case .bytes(let bytes):
            guard !bytes.isEmpty else { throw .bodyRequired }
            let type = headers["content-type"] ?? "application/json"
            guard type.lowercased().hasPrefix("application/json") else {
                throw .unsupportedMediaType(type)
            }
            do {
                return try JSONParser.parse(bytes)
            } catch {
                throw APIError(400, "JSON_PARSER_ERROR", error.message)
            }
        }
    }

    /// The body as the fields of a record.
    func record() throws(APIError) -> JSONObject {
        let json = try json()
        guard let object = json.object else {
            throw APIError(
                400,
                "JSON_PARSER_ERROR",
                "Can not deserialize SObject out of \(json.array == nil ? "VALUE" : "START_ARRAY")"
            )
        }
        return object
    }

    /// The body as it came; empty if there was none.
    var bytes: [UInt8] {
        guard case .bytes(let bytes) = body else { return [] }
        return bytes
    }

    /// The most bytes of an address, and of an address with all headers.
    static let longestTarget = 16_384

    /// What is too long about the request, as the status of the answer; nil if nothing is.
    var excess: Int? {
        if targetSize > Self.longestTarget { return 414 }
        let headerSize = headers.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 4 }
        return targetSize + headerSize > Self.longestTarget ? 431 : nil
    }

    /// The body as text, for forms and XML.
    var text: String {
        guard case .bytes(let bytes) = body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
