import ArgumentParser
import Orders

/// `pesanan migrate`
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Migrate the database to this version's schema, and prepare it for the coming months.",
        discussion: "Every command migrates the schema, and every server prepares the coming months; run this to choose the time."
            + "\n\n" + examples("pesanan migrate", "pesanan migrate --database postgres://pesanan@db1/orders")
    )

    @OptionGroup var data: DataOptions

    func run() async throws {
        let installation = try await Installation(data.settings(), for: .any)
        try await installation.storage.prepareAhead(of: .now)
        print("The database has this version's schema and is prepared for the coming months.")
    }
}
