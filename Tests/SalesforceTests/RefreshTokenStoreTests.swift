import TestSupport
import Testing

@Suite("A refresh token in memory")
struct MemoryTokenStoreTests {
    @Test("keeps the promises of every store")
    func conformance() async throws {
        let store = MemoryTokenStore(nil)
        try await RefreshTokenStoreConformance.check { store }
    }
}
