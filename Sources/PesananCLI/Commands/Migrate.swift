import ArgumentParser
import Orders

/// `pesanan migrate`
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the database to this version's schema, and make ready what the coming months need.",
        discussion: "Every command does the first by itself, and a server the second; this is for doing it at a time of your own."
    )

    @OptionGroup var data: DataOptions

    func run() async throws {
        let installation = try await Installation(data.settings(), for: .any)
        try await installation.storage.prepareAhead(of: .now)
        print("The database has the schema of this version, and room for the coming months.")
    }
}
