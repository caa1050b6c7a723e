import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A plain HTTP client that shares nothing with Daybook's own.
enum Web {
    /// What came back.
    struct Answer: Sendable {
        let status: Int
        let text: String
    }

    /// Sends a request and waits for the answer.
    static func send(
        _ method: String,
        _ address: String,
        headers: [String: String] = [:],
        body: String? = nil
    ) async throws -> Answer {
        guard let url = URL(string: address) else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        return Answer(
            status: (response as? HTTPURLResponse)?.statusCode ?? 0,
            text: String(decoding: data, as: UTF8.self)
        )
    }
}
