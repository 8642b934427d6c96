// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // In debug builds alone, which the tests use: a newer compiler's new warning must not keep anyone from running it.
    .treatAllWarnings(as: .error, .when(configuration: .debug)),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let asyncAlgorithms = Target.Dependency.product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "pesanan",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "pesanan", targets: ["PesananCLI"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .target(name: "JSON", swiftSettings: settings),
        .target(name: "Orders", dependencies: ["JSON"], swiftSettings: settings),
        .target(name: "Accounts", dependencies: ["JSON", "Orders", crypto, cryptoExtras, jwtKit], swiftSettings: settings),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .target(
            name: "CPictures",
            linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png"), .linkedLibrary("webp")]),
        .target(name: "Pictures", dependencies: ["CPictures"], swiftSettings: settings),
        .target(
            name: "OrderServices",
            dependencies: ["JSON", "Orders", "Accounts", "CZlib", "CZstd", "Pictures", asyncAlgorithms, logging],
            swiftSettings: settings),
        .target(name: "CXXHash"),
        .target(name: "SQLStorage", dependencies: ["JSON", "Orders", "Accounts", "CXXHash"], swiftSettings: settings),
        .target(name: "CSQLite"),
        .target(
            name: "SQLiteStorage", dependencies: ["Orders", "Accounts", "SQLStorage", "CSQLite", grdb, grdbSQLite],
            swiftSettings: settings),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .target(
            name: "PostgresStorage", dependencies: ["Orders", "Accounts", "SQLStorage", "CPostgres"],
            swiftSettings: settings),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "Mail", dependencies: ["Orders", "OrderServices", "CCurl", logging], swiftSettings: settings),
        .target(
            name: "ScalevClient",
            dependencies: [
                "JSON", "Orders", "OrderServices",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), nioHTTP1,
            ],
            swiftSettings: settings),
        .target(
            name: "Webhooks",
            dependencies: [
                "JSON", "Orders", "OrderServices", "Accounts",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), nioHTTP1,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings),
        .target(
            name: "FileStores",
            dependencies: [
                "JSON", "Orders", "OrderServices", crypto, .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), nioHTTP1,
            ],
            swiftSettings: settings),
        .target(
            name: "HTTPServing",
            dependencies: [
                "Accounts", "JSON", "Orders", hummingbird, hummingbirdCore, httpTypes, logging, asyncAlgorithms, serviceLifecycle,
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"), nioHTTP1,
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ],
            swiftSettings: settings),
        .target(
            name: "StorefrontAPI",
            dependencies: [
                "JSON", "Orders", "Accounts", "OrderServices", "HTTPServing", "Pictures", hummingbird, hummingbirdCore, httpTypes,
            ],
            swiftSettings: settings),
        .target(
            name: "BusinessAPI",
            dependencies: [
                "JSON", "Orders", "Accounts", "OrderServices", "HTTPServing", hummingbird, hummingbirdCore, httpTypes,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "PesananCLI",
            dependencies: [
                "JSON", "Orders", "Accounts", "OrderServices", "SQLStorage", "SQLiteStorage", "PostgresStorage", "HTTPServing",
                "FileStores", "Mail", "ScalevClient", "StorefrontAPI", "Webhooks", "BusinessAPI", hummingbird, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                serviceLifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .target(
            name: "TestFixtures", dependencies: ["JSON", "Orders"], path: "Tests/TestFixtures", exclude: ["Files"],
            swiftSettings: settings),
        .target(
            name: "StorageContract", dependencies: ["Accounts", "JSON", "OrderServices", "Orders", "SQLStorage", "TestFixtures"],
            path: "Tests/StorageContract",
            swiftSettings: settings),
        .testTarget(
            name: "SQLiteStorageTests",
            dependencies: ["Accounts", "Orders", "SQLStorage", "SQLiteStorage", "StorageContract", "TestFixtures", grdb],
            swiftSettings: settings),
        .testTarget(
            name: "PostgresStorageTests",
            dependencies: [
                "Accounts", "OrderServices", "JSON", "Orders", "PostgresStorage", "SQLStorage", "SQLiteStorage",
                "StorageContract",
                "TestFixtures", "TestPostgres",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "AccountsTests", dependencies: ["Accounts", "JSON", "Orders", crypto, jwtKit], swiftSettings: settings),
        .target(
            name: "TestPostgres", dependencies: ["TestFixtures"], path: "Tests/TestPostgres", swiftSettings: settings),
        .target(
            name: "TestServer", dependencies: ["Accounts", "JSON", "Orders", "TestFixtures", "TestPostgres"],
            path: "Tests/TestServer",
            swiftSettings: settings),
        .testTarget(
            name: "HTTPServingTests",
            dependencies: [
                "Accounts", "HTTPServing", "JSON", "Orders", "TestFixtures", "TestServer", hummingbird, logging, nioHTTP1,
                .product(name: "NIOCore", package: "swift-nio"),
                serviceLifecycle,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "PesananTests",
            dependencies: [
                "Accounts", "HTTPServing", "OrderServices", "JSON", "Orders", "PesananCLI", "PostgresStorage", "SQLiteStorage",
                "StorefrontAPI", "TestFixtures", "TestPostgres", "TestServer",
            ],
            exclude: ["Clients"], swiftSettings: settings),
        .testTarget(
            name: "WebhooksTests",
            dependencies: [
                "Accounts", "JSON", "OrderServices", "Orders", "SQLStorage", "SQLiteStorage", "Webhooks", "TestFixtures",
                "TestServer",
                logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "FileStoresTests",
            dependencies: ["Accounts", "FileStores", "OrderServices", "Orders", "TestFixtures", "TestServer"],
            swiftSettings: settings),
        .testTarget(name: "PicturesTests", dependencies: ["Pictures", "TestFixtures"], swiftSettings: settings),
        .testTarget(name: "ScalevClientTests", dependencies: ["ScalevClient", nioHTTP1], swiftSettings: settings),
        .testTarget(name: "MailTests", dependencies: ["Mail", "OrderServices", "Orders"], swiftSettings: settings),
        .testTarget(
            name: "OrderServicesTests",
            dependencies: [
                "Accounts", "OrderServices", "JSON", "Orders", "SQLStorage", "SQLiteStorage", "TestFixtures", logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SQLStorageTests", dependencies: ["JSON", "Orders", "SQLStorage", "TestFixtures"], swiftSettings: settings),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "TestFixtures"], swiftSettings: settings),
        .testTarget(name: "OrdersTests", dependencies: ["JSON", "Orders", "TestFixtures"], swiftSettings: settings),
    ]
)
