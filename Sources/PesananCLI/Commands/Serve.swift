import Accounts
import ArgumentParser

/// `pesanan serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Answer requests until asked to stop.")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let settings = try await options.settings()
        let folder = try DataFolder(path: settings.dataFolder)
        try folder.lockForServing()
        let server = Server(settings: settings, storage: try folder.openStorage(), signingKey: try folder.signingKey())
        try await server.run(tokens: AccessTokens(key: server.signingKey)) { say("Pesanan answers at \($0)\n") }
    }
}
