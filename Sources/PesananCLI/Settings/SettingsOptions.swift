import ArgumentParser
import Foundation

/// The options that say where the data are.
struct DataOptions: ParsableArguments {
    @Option(help: "The folder that holds everything. (default: pesanan-data; for the demo a temporary one)")
    var data: String?

    @Option(help: "A JSON file with settings.")
    var config: String?

    /// - Parameter commandLine: further settings that were given, by name.
    func settings(_ commandLine: [String: String?] = [:]) async throws -> Settings {
        try await Settings(
            SettingsSource(
                commandLine: commandLine.merging(["data": data]) { $1 },
                environment: ProcessInfo.processInfo.environment, file: config))
    }
}

/// The options of a server.
struct ServerOptions: ParsableArguments {
    @OptionGroup var data: DataOptions

    @Option(help: "The address to listen on. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port to listen on, 0 for a free one. (default: 8080)")
    var port: String?

    @Option(help: "Where buyers reach the service, for the links in their orders.")
    var publicURL: String?

    @Option(help: "What is logged: trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    func settings(data folder: String? = nil) async throws -> Settings {
        var data = data
        if let folder { data.data = folder }
        return try await data.settings(["host": host, "port": port, "public-url": publicURL, "log-level": logLevel])
    }
}
