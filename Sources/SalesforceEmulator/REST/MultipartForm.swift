/// The parts of a `multipart/form-data` body, as small bulk jobs are sent.
struct MultipartForm {
    private var parts: [String: String] = [:]

    /// Reads the form of a request; nil if its body is of another kind.
    ///
    /// - Throws: `UNSUPPORTED_MEDIA_TYPE` if the content type names no boundary.
    init?(_ request: APIRequest) throws(APIError) {
        let type = request.headers["content-type"] ?? ""
        guard type.lowercased().hasPrefix("multipart/form-data") else { return nil }
        guard let marker = type.firstRange(of: "boundary=") else {
            throw .unsupportedMediaType(type)
        }
        let boundary =
            type[marker.upperBound...].prefix { $0 != ";" }
            .trimmingPrefix("\"").split(separator: "\"").first ?? ""
        for part in request.text.split(separator: "--\(boundary)") {
            guard let gap = part.firstRange(of: "\r\n\r\n"),
                let name = Self.name(in: part[..<gap.lowerBound])
            else { continue }
            let content = part[gap.upperBound...]
            parts[name] = String(content.hasSuffix("\r\n") ? content.dropLast() : content)
        }
    }

    /// The content of a part, or nil if there is none of that name.
    func part(_ name: String) -> String? { parts[name] }

    private static func name(in head: Substring) -> String? {
        guard let start = head.firstRange(of: "name=\"") else { return nil }
        return String(head[start.upperBound...].prefix { $0 != "\"" })
    }
}
