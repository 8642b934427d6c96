import ArgumentParser
import Foundation

/// The `pesanan` command.
@main
struct Pesanan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pesanan",
        abstract: "Serve your buyers' orders over HTTP: the Storefront API v3, self-hosted.",
        discussion: examples(
            "pesanan demo", "pesanan import stores stores.json && pesanan import orders orders.ndjson", "pesanan serve"),
        version: "0.1.0",
        subcommands: [
            Demo.self, Serve.self, Import.self, Token.self, StorefrontKeys.self, BusinessKeys.self, Origins.self, Keys.self,
            Audit.self, Mirrors.self, WebhookCommands.self, PersonalDataCommands.self,
            Events.self, Repair.self, Migrate.self, Copy.self,
        ])

    /// Runs the command that the arguments select.
    ///
    /// The process ends without running the exit handlers of its libraries: OpenSSL's handler frees memory that another thread may
    /// still be reading while it connects.
    static func main() async {
        var code = ExitCode.success
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch {
            code = exitCode(for: error)
            let message = fullMessage(for: error)
            if !message.isEmpty { (code.isSuccess ? say : remark)("\(message)\n") }
        }
        fflush(nil)
        _exit(code.rawValue)
    }
}
