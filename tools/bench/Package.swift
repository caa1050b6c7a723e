// swift-tools-version: 6.2
import PackageDescription

// Measurements apart from the product, so that nobody who builds Daybook builds them.
let package = Package(
    name: "daybook-bench",
    dependencies: [
        .package(name: "daybook", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .executableTarget(
            name: "daybook-bench",
            dependencies: [
                .product(name: "DaybookCore", package: "daybook"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]
        )
    ]
)
