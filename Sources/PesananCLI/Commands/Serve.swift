import Accounts
import ArgumentParser

/// `pesanan serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Answer requests until asked to stop.")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let settings = try await options.settings()
        let installation = try await Installation(settings, for: .serving)
        let server = Server(settings: settings, storage: installation.storage, signingKey: try await installation.signingKey())
        try await server.run(tokens: AccessTokens(key: server.signingKey)) { say("Pesanan answers at \($0)\n") }
    }
}
