// swift-tools-version: 6.2

import PackageDescription

// A package of its own, so that nobody who builds Daybook builds it with a fuzzer. The sources are
// those of the product: links to its folders.

let instrumented: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .unsafeFlags(["-sanitize=fuzzer", "-enable-testing", "-parse-as-library"]),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")

let package = Package(
    name: "daybook-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .target(name: "Domain", swiftSettings: instrumented),
        .target(
            name: "CalCom",
            dependencies: ["Domain", crypto],
            exclude: ["API"],
            swiftSettings: instrumented
        ),
        .target(
            name: "Ledger",
            dependencies: [crypto, database, sqlite],
            swiftSettings: instrumented
        ),
        .target(name: "SOQL", swiftSettings: instrumented),
        .target(name: "Reconciliation", dependencies: ["Domain"], swiftSettings: instrumented),
        .target(
            name: "Plan",
            dependencies: ["Domain", "Reconciliation"],
            swiftSettings: instrumented
        ),
        .executableTarget(
            name: "Fuzz",
            dependencies: ["Domain", "CalCom", "Ledger", "Plan", "SOQL"],
            swiftSettings: instrumented,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]
        ),
    ]
)
