import ArgumentParser
import Foundation
import JSON

/// The options that say where the data are.
struct DataOptions: ParsableArguments {
    @Option(help: "The folder that holds everything. (default: pesanan-data; for the demo a temporary one)")
    var data: String?

    @Option(help: "Where the database is, if not in the folder: \(DatabaseAddress.forms).")
    var database: String?

    @Option(help: "PostgreSQL servers that follow that one and may be read, with commas between them.")
    var databaseReplicas: String?

    @Option(help: "A JSON file with settings.")
    var config: String?

    /// - Parameter commandLine: further settings that were given, by name.
    func settings(_ commandLine: [String: String?] = [:]) async throws -> Settings {
        try await Settings(
            SettingsSource(
                commandLine: commandLine.merging(
                    ["data": data, "database": database, "database-replicas": databaseReplicas]) { $1 },
                environment: ProcessInfo.processInfo.environment, file: config))
    }
}

/// The options of a server.
struct ServerOptions: ParsableArguments {
    @OptionGroup var data: DataOptions

    @Option(help: "Connections to each PostgreSQL server for reading. (default: twice the number of cores)")
    var databaseConnections: String?

    @Option(help: "The address to listen on. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port to listen on, 0 for a free one. (default: 8080)")
    var port: String?

    @Option(help: "Where buyers reach the service, for the links in their orders and mails.")
    var publicURL: String?

    @Option(
        help: "The server that mails go to, smtp[s]://[USER:PASSWORD@]HOST[:PORT]. (default: they are put into the folder mail)")
    var smtp: String?

    @Option(help: "Who sends the mails. (default: no-reply@ the host of the public URL)")
    var mailFrom: String?

    @Option(help: "Reverse proxies whose X-Forwarded-For counts: addresses or networks with commas between them.")
    var trustedProxies: String?

    @Option(help: "Whether callers are limited: on or off. (default: on)")
    var limits: String?

    @Option(help: "What one address of the network may call of the routes of signing in, COUNT/SECONDS. (default: 300/60)")
    var limitSignInClient: String?

    @Option(help: "What may be tried for one e-mail address, COUNT/SECONDS. (default: 10/600)")
    var limitSignInAccount: String?

    @Option(help: "What one customer may call, COUNT/SECONDS. (default: 600/60)")
    var limitCustomer: String?

    @Option(help: "What is logged: trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    func settings(data folder: String? = nil) async throws -> Settings {
        var data = data
        if let folder { data.data = folder }
        return try await data.settings([
            "database-connections": databaseConnections, "host": host, "port": port, "public-url": publicURL,
            "smtp": smtp, "mail-from": mailFrom, "trusted-proxies": trustedProxies, "limits": limits,
            "limit-sign-in-client": limitSignInClient, "limit-sign-in-account": limitSignInAccount,
            "limit-customer": limitCustomer, "log-level": logLevel,
        ])
    }
}
