// swift-tools-version: 6.2

import PackageDescription

/// Settings shared by every target, so that no layer is checked less strictly than another.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let compression = Target.Dependency.product(
    name: "NIOHTTPCompression",
    package: "swift-nio-extras"
)
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let certificates = Target.Dependency.product(name: "X509", package: "swift-certificates")
let encodings = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let webTokens = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemCalls = Target.Dependency.product(
    name: "SystemPackage",
    package: "swift-system",
    condition: .when(platforms: [.linux])
)
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")

// Targets are listed in the order in which data flows. Stages exchange the values
// of `Domain` and do not import each other; only `Pipeline` and what stands below
// it may join them.
let package = Package(
    name: "daybook",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "daybook", targets: ["daybook"]),
        // For the benchmarks, which are a package of their own: tools/bench.
        .library(
            name: "DaybookCore",
            targets: [
                "Domain", "Ledger", "Journal", "Projection", "Reconciliation", "Salesforce",
                "Pipeline",
            ]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.30.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.9.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    ],
    targets: [
        .target(name: "Domain"),
        .target(
            name: "CalCom",
            dependencies: ["Domain", crypto, httpClient, nioCore, nioHTTP1]
        ),
        .target(name: "Ledger", dependencies: [crypto, database, sqlite]),
        .target(name: "Journal", dependencies: ["Domain", "Ledger", crypto, database]),
        .target(name: "Projection", dependencies: ["Domain"]),
        .target(name: "Reconciliation", dependencies: ["Domain"]),
        .target(
            name: "Salesforce",
            dependencies: [
                "Domain", httpClient, nioCore, nioHTTP1, nioSSL, compression, crypto, webTokens,
            ]
        ),
        .target(name: "Audit", dependencies: ["Domain", "Ledger", "Journal", "Projection"]),
        .target(
            name: "Pipeline",
            dependencies: [
                "Domain", "CalCom", "Ledger", "Journal", "Projection", "Reconciliation",
                "Salesforce", crypto, lifecycle, logging,
            ]
        ),

        // The system's zlib, for the emulator's compressed bodies.
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CMalloc"),
        .target(
            name: "SalesforceEmulator",
            dependencies: [
                "CZlib", database, hummingbird, hummingbirdTLS, httpTypes, logging, nioCore, nioSSL,
                certificates, encodings, crypto, webTokens,
            ]
        ),
        .target(
            name: "CalComEmulator",
            dependencies: [hummingbird, httpTypes, logging, nioCore]
        ),
        .target(
            name: "Server",
            dependencies: [
                "Domain", "CalCom", "Ledger", "Journal", "Pipeline", "Audit", hummingbird,
                httpTypes, lifecycle, logging, mustache, nioCore, nioHTTP1, nioPosix,
            ],
            resources: [.copy("Resources")]
        ),
        .executableTarget(
            name: "daybook",
            dependencies: [
                "Domain", "CalCom", "Ledger", "Journal", "Projection", "Reconciliation",
                "Salesforce", "Audit", "Pipeline", "SalesforceEmulator", "CalComEmulator", "Server",
                "CMalloc", hummingbird, httpTypes, lifecycle, logging, httpClient, nioCore,
                nioHTTP1,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.copy("Resources/demo")]
        ),

        .target(
            name: "TestSupport",
            dependencies: [
                "Domain", "CalCom", "Ledger", "Journal", "Salesforce", crypto, subprocess,
                systemCalls,
            ]
        ),
        .testTarget(name: "DomainTests", dependencies: ["Domain", "TestSupport"]),
        .testTarget(
            name: "CalComTests",
            dependencies: [
                "Domain", "CalCom", "CalComEmulator", "TestSupport", httpClient, nioCore, nioHTTP1,
            ],
            exclude: ["Samples"]
        ),
        .testTarget(
            name: "LedgerTests",
            dependencies: ["Ledger", "TestSupport", crypto, database]
        ),
        .testTarget(
            name: "JournalTests",
            dependencies: ["Domain", "Ledger", "Journal", "TestSupport", database]
        ),
        .testTarget(
            name: "ProjectionTests",
            dependencies: ["Domain", "Projection", "TestSupport"]
        ),
        .testTarget(
            name: "ReconciliationTests",
            dependencies: ["Domain", "Reconciliation", "Audit", "TestSupport"]
        ),
        .testTarget(
            name: "SalesforceTests",
            dependencies: ["Domain", "Salesforce", "SalesforceEmulator", "TestSupport", httpClient]
        ),
        .testTarget(
            name: "SalesforceEmulatorTests",
            dependencies: ["SalesforceEmulator", httpClient, nioCore, nioHTTP1, nioSSL]
        ),
        .testTarget(
            name: "AuditTests",
            dependencies: [
                "Domain", "Ledger", "Journal", "Projection", "Audit", "TestSupport",
            ]
        ),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "Domain", "CalCom", "Ledger", "Journal", "Pipeline", "Projection",
                "Reconciliation", "Salesforce", "SalesforceEmulator", "CalComEmulator", "Audit",
                "TestSupport", httpClient, database, logging, nioCore, nioHTTP1,
            ]
        ),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Domain", "CalCom", "Ledger", "Journal", "Pipeline", "Server", "TestSupport",
                hummingbird, httpTypes, logging, nioCore, nioPosix,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]
        ),
        .testTarget(
            name: "SchemaTests",
            dependencies: ["Domain", "Ledger", "Journal", "CalCom", "TestSupport"]
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Domain", "Ledger", "Journal", "CalCom", "Pipeline", "Salesforce", "TestSupport",
                database,
            ],
            path: "Tests/Simulation"
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "daybook", "CalCom", "TestSupport", "SalesforceEmulator", "CalComEmulator",
                httpClient, hummingbird, httpTypes, logging, nioCore, nioHTTP1,
            ]
        ),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = strict
}
