import CZlib

/// Packs and unpacks the bodies of requests and answers.
///
/// Source: `facts/salesforce-api.md` 2.1: requests may come in gzip or deflate, and answers are
/// compressed when the client says that it takes that.
enum Compression {
    /// Why bytes cannot be unpacked.
    enum Failure: Error {
        /// They are no gzip or deflate, or end too early.
        case broken
        /// There would be more than is taken.
        case tooLarge
    }

    /// The answers that are worth packing, in bytes.
    static let smallest = 1_024

    /// Tells zlib to find out itself whether it reads gzip or deflate.
    private static let anyForm: Int32 = 15 + 32
    /// Tells zlib to write gzip.
    private static let gzipForm: Int32 = 15 + 16
    private static let structSize = Int32(MemoryLayout<z_stream>.size)
    private static let piece = 64 * 1_024

    /// Unpacks bytes.
    ///
    /// - Parameters:
    ///   - packed: The bytes in gzip or deflate.
    ///   - most: The most bytes that are taken; a small body can unpack to very many.
    /// - Returns: The bytes unpacked.
    /// - Throws: `Failure`, if they are damaged or too many.
    static func unpacked(_ packed: [UInt8], most: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, anyForm, ZLIB_VERSION, structSize) == Z_OK else {
            throw .broken
        }
        defer { inflateEnd(&stream) }
        var unpacked: [UInt8] = []
        let end = run(&stream, over: packed, into: &unpacked, most: most) { inflate(&$0, $1) }
        guard unpacked.count <= most else { throw .tooLarge }
        guard end == Z_STREAM_END else { throw .broken }
        return unpacked
    }

    /// Packs bytes as gzip; nil if zlib refuses, which is not expected.
    static func packed(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        let begun = deflateInit2_(
            &stream,
            Z_BEST_SPEED,
            Z_DEFLATED,
            gzipForm,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            structSize
        )
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var packed: [UInt8] = []
        let end = run(&stream, over: bytes, into: &packed, most: .max) { stream, _ in
            deflate(&stream, Z_FINISH)
        }
        return end == Z_STREAM_END ? packed : nil
    }

    /// Lets zlib work until it has come to an end.
    private static func run(
        _ stream: inout z_stream,
        over input: [UInt8],
        into output: inout [UInt8],
        most: Int,
        _ step: (inout z_stream, Int32) -> Int32
    ) -> Int32 {
        var (input, piece) = (input, [UInt8](repeating: 0, count: piece))
        return input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            var status = Z_OK
            while status == Z_OK, output.count <= most {
                let room = piece.count
                status = piece.withUnsafeMutableBufferPointer { target in
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(room)
                    return step(&stream, Z_NO_FLUSH)
                }
                output += piece.prefix(room - Int(stream.avail_out))
            }
            return status
        }
    }
}

extension APIRequest {
    /// Unpacks the body, as far as the headers say that it is packed.
    ///
    /// - Parameter most: The most bytes that are taken.
    /// - Throws: `APIError`, if it is damaged, too large, or packed in another way.
    mutating func unpack(most: Int) throws(APIError) {
        guard let coding = headers["content-encoding"]?.lowercased(), coding != "identity",
            case .bytes(let packed) = body
        else { return }
        guard ["gzip", "deflate"].contains(coding) else {
            throw APIError(
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "Content-Encoding not supported: \(coding)"
            )
        }
        do {
            body = .bytes(try Compression.unpacked(packed, most: most))
        } catch {
            switch error {
            case .broken:
                throw APIError(400, "JSON_PARSER_ERROR", "The HTTP entity body does not unpack.")
            case .tooLarge:
                throw APIError(
                    413,
                    "EXCEEDED_MAX_SIZE_REQUEST",
                    "The HTTP entity body is too large."
                )
            }
        }
    }

    /// Whether the client takes gzip.
    var takesGzip: Bool {
        let codings = (headers["accept-encoding"] ?? "").lowercased().split(separator: ",")
        return codings.contains { coding in
            let parts = coding.split(separator: ";").map { $0.filter { $0 != " " } }
            return parts.first == "gzip"
                && !parts.dropFirst().contains { Double($0.dropFirst(2)) == 0 }
        }
    }
}
