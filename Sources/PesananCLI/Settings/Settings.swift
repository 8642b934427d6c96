import Configuration
import Foundation
import Orders
import PostgresStorage

/// How the server is set up. Each setting comes from the command line, else from the environment, else from the file of `--config`.
///
/// - `data` (text, `pesanan-data`): the folder that holds everything.
/// - `database` (`postgres://` address or `sqlite:` and a path, none): where the database is, if not in the folder.
/// - `database-replicas` (`postgres://` addresses with commas between them, none): servers that follow that one and may be read.
/// - `database-connections` (whole number from 1 to 100, twice the number of cores): connections to each PostgreSQL server for reading.
/// - `host` (text, `127.0.0.1`): the address to listen on.
/// - `port` (whole number, 8080): the port to listen on; 0 takes a free one.
/// - `public-url` (`http(s)://` address, none): where buyers reach the service, for the links in their orders.
/// - `log-level` (`trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`; `info`): what is logged.
struct Settings: Sendable {
    let dataFolder: String
    let database: DatabaseAddress?
    let replicas: [PostgresAddress]
    let databaseConnections: Int
    let host: String
    let port: Int
    let publicURL: PublicURL?
    let logLevel: String

    static let names = [
        "data", "database", "database-replicas", "database-connections", "host", "port", "public-url", "log-level",
    ]
    static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    /// - Throws: ``OperatorError`` that names the first setting that can't be read.
    init(_ source: SettingsSource) async throws {
        dataFolder = try await source.value("data", "the path of a folder") { $0.isEmpty ? nil : $0 } ?? "pesanan-data"
        database = try await source.value("database", DatabaseAddress.forms) { DatabaseAddress($0) }
        replicas =
            try await source.value("database-replicas", "postgres:// addresses with commas between them") {
                DatabaseAddress.replicas($0)
            } ?? []
        if !replicas.isEmpty {
            guard case .postgres = database else {
                throw OperatorError("the setting database-replicas needs the setting database to be a postgres:// address")
            }
        }
        databaseConnections =
            try await source.value("database-connections", "a whole number from 1 to 100") { text in
                Int(text).flatMap { (1...100).contains($0) ? $0 : nil }
            } ?? 2 * ProcessInfo.processInfo.activeProcessorCount
        host = try await source.value("host", "an address") { $0.isEmpty ? nil : $0 } ?? "127.0.0.1"
        port =
            try await source.value("port", "a whole number from 0 to 65535") { text in
                Int(text).flatMap { (0...65535).contains($0) ? $0 : nil }
            } ?? 8080
        publicURL = try await source.value("public-url", "an http:// or https:// address without ? and #") { PublicURL($0) }
        logLevel =
            try await source.value("log-level", "one of \(Self.logLevels.joined(separator: ", "))") { text in
                Self.logLevels.contains(text) ? text : nil
            } ?? "info"
    }
}
