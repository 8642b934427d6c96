import Accounts
import ArgumentParser

/// `pesanan serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Answer requests until asked to stop.")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let settings = try await options.settings()
        let installation = try await Installation(settings, for: .serving)
        let tokens = try await AccessTokens(keys: installation.keyRing())
        try await Server(settings, installation, tokens).run { say("Pesanan answers at \($0)\n") }
    }
}
