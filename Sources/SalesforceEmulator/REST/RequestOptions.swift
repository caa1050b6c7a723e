/// What the path and the headers of a request ask for.
struct RequestOptions: Hashable, Sendable {
    /// The API version of the path, for example 62.0.
    var version = 62.0

    /// Rows per page of a query, 200 to 2000.
    var batchSize = 2000

    /// Whether a duplicate rule that only warns is overruled.
    var allowsDuplicates = false

    /// Whether duplicate warnings carry the records and not only their ids.
    var includesRecordDetails = false

    /// Whether the records concerned count as looked at.
    var updatesRecent = false

    /// Where the org is, for links to it.
    var baseURL = ""

    init() {}

    /// Reads the version and the headers.
    ///
    /// - Throws: 410 for a version that was retired, 404 for one that never was.
    init(version text: String, headers: [String: String]) throws(APIError) {
        guard text.hasPrefix("v"), text.hasSuffix(".0"), let version = Double(text.dropFirst())
        else { throw .notFound }
        guard version > 30 else {
            throw APIError(
                410,
                "UNSUPPORTED_API_VERSION",
                "API version \(version) is no longer supported"
            )
        }
        guard APIVersions.supported.contains(Int(version)) else { throw .notFound }
        self.version = version
        if let size = Self.value(of: "batchSize", in: headers["sforce-query-options"]),
            let rows = Int(size)
        {
            batchSize = min(max(rows, 200), 2000)
        }
        updatesRecent =
            version >= 60
            && Self.value(of: "updateMru", in: headers["sforce-mru"])?.lowercased() == "true"
        let duplicates = headers["sforce-duplicate-rule-header"]
        allowsDuplicates = Self.value(of: "allowSave", in: duplicates)?.lowercased() == "true"
        includesRecordDetails =
            Self.value(of: "includeRecordDetails", in: duplicates)?.lowercased() == "true"
    }

    /// The value of `name=value` in a header with several of them.
    private static func value(of name: String, in header: String?) -> String? {
        for pair in header?.split(whereSeparator: { $0 == ";" || $0 == "," }) ?? [] {
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
            if parts.count == 2, parts[0].lowercased() == name.lowercased() { return parts[1] }
        }
        return nil
    }

    /// The path of the version, for links in answers.
    var versionPath: String { "/services/data/v\(version)" }
}

/// The API versions that the emulator answers to.
enum APIVersions {
    /// The numbers, without the `.0`.
    static let supported = 31...68

    /// The answer at `/services/data`.
    static var list: JSON {
        .array(
            supported.map { number in
                [
                    "label": .string(label(of: number)),
                    "url": .string("/services/data/v\(number).0"),
                    "version": .string("\(number).0"),
                ]
            }
        )
    }

    /// Three releases a year; 62 is Winter '25.
    private static func label(of number: Int) -> String {
        let release = ["Winter", "Spring", "Summer"][(number - 62 + 300) % 3]
        return "\(release) '\(25 + Instant.floor(number - 62, 3))"
    }
}
