import Accounts
import ArgumentParser

/// `pesanan serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the server until it is asked to stop.")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let settings = try await options.settings()
        let installation = try await Installation(settings, for: .serving)
        let tokens = try await AccessTokens(keys: installation.keyRing())
        try await Server(settings, installation, tokens).run { say("Pesanan is listening on \($0)\n") }
    }
}
