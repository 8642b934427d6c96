import ArgumentParser

/// The `pesanan` command.
@main
struct Pesanan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pesanan",
        abstract: "Your buyers' orders over HTTP: the Storefront API v3, self-hosted.",
        version: "0.1.0",
        subcommands: [
            Demo.self, Serve.self, Import.self, Token.self, StorefrontKeys.self, Origins.self, Keys.self, Audit.self,
            Migrate.self, Copy.self,
        ])
}
