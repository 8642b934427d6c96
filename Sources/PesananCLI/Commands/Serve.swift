import Accounts
import ArgumentParser
import Orders

/// `pesanan serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server until it is asked to stop.",
        discussion: examples(
            "pesanan serve", "pesanan serve --port 8300 --public-url https://orders.example.id --trusted-proxies 127.0.0.1",
            "PESANAN_DATABASE=postgres://pesanan@db1/orders pesanan serve --host 0.0.0.0"))

    @OptionGroup var options: ServerOptions

    func run() async throws {
        var opening = Opening(try await options.settings())
        guard let installation = try await opening.installation() else { return }
        let tokens = try await AccessTokens(keys: installation.keyRing())
        try await Server(opening.settings, installation, tokens).run { baseURL in
            let isEmpty = (try? await installation.storage.isEmpty()) == true
            let next = isEmpty ? "There is no store yet: pesanan import stores FILE, then pesanan import orders FILE\n" : ""
            say("Pesanan is listening on \(baseURL)\n\(next)")
        }
    }
}
