import Testing

@testable import Server

@Suite("An address for alerts")
struct AlertAddressTests {
    @Test(
        "leads out into the open, by https",
        arguments: [
            "https://hooks.example/services/T0/B0/x", "https://203.0.112.9/x",
            "https://[2606:4700::1111]/", "https://hooks.example:8443/?a=b",
        ]
    )
    func good(text: String) throws {
        _ = try AlertAddress(text, allowsLoopback: false)
    }

    @Test(
        "is refused when it is no such address",
        arguments: [
            ("", AlertAddressError.malformed), ("hooks.example", .malformed),
            ("ftp://hooks.example/", .malformed), ("https://u:p@hooks.example/", .malformed),
            ("file:///etc/passwd", .malformed), ("https:///x", .malformed),
            ("http://hooks.example/", .insecure), ("http://localhost/", .insecure),
            ("https://localhost/", .inside), ("https://127.0.0.1/", .inside),
            ("https://10.1.2.3/", .inside), ("https://172.16.0.1/", .inside),
            ("https://172.31.255.255/", .inside), ("https://192.168.1.1/", .inside),
            ("https://169.254.169.254/latest/meta-data/", .inside), ("https://0.0.0.0/", .inside),
            ("https://100.64.0.1/", .inside), ("https://224.0.0.1/", .inside),
            ("https://255.255.255.255/", .inside), ("https://[::1]/", .inside),
            ("https://[::]/", .inside), ("https://[fe80::1]/", .inside),
            ("https://[fc00::1]/", .inside), ("https://[fd12:3456::1]/", .inside),
            ("https://[::ffff:169.254.169.254]/", .inside), ("https://[::ffff:10.0.0.1]/", .inside),
            ("https://[2002:7f00:1::]/", .inside), ("https://[64:ff9b::7f00:1]/", .inside),
            ("https://[2001:db8::1]/", .inside),
        ]
    )
    func bad(text: String, error: AlertAddressError) {
        #expect(throws: error) { try AlertAddress(text, allowsLoopback: false) }
    }

    @Test("may be this machine where that is allowed, and nothing else inside")
    func loopback() async throws {
        let address = try AlertAddress("http://127.0.0.1:9/alerts", allowsLoopback: true)
        #expect(try await address.resolved() == "127.0.0.1")
        #expect(throws: AlertAddressError.inside) {
            try AlertAddress("https://10.0.0.1/", allowsLoopback: true)
        }
        #expect(throws: AlertAddressError.insecure) {
            try AlertAddress("http://hooks.example/", allowsLoopback: true)
        }
    }

    @Test("is checked again as what its name stands for")
    func resolution() async throws {
        // `localhost.` is a name, and leads to this machine.
        let address = try AlertAddress("https://localhost./", allowsLoopback: false)
        await #expect(throws: AlertAddressError.self) { try await address.resolved() }
    }
}
