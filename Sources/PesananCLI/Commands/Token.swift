import Accounts
import ArgumentParser
import Orders

/// `pesanan token`
struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print an access token for a customer, and nothing else.",
        discussion: examples(
            "pesanan token --store store_A --customer siti@example.com",
            "TOKEN=$(pesanan token --store store_A --customer 200050 --valid-for 3600)"))

    @Option(help: "The store's unique_id.")
    var store: String

    @Option(help: "The customer's e-mail address or id.")
    var customer: String

    @Option(help: "How long the token is valid, in seconds, from 1 to 2592000 (30 days).")
    var validFor: Int64 = 900

    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (1...2_592_000).contains(validFor) else { throw ValidationError("--valid-for must be from 1 to 2592000 seconds") }
    }

    func run() async throws {
        let installation = try await Installation(data.settings(), for: .existing)
        let storeID = try await installation.storeID(store)
        let buyer = try await installation.customer(customer, of: storeID)
        let grant = Grant(buyer: buyer, generation: try await installation.accounts.generation(of: buyer), session: nil)
        print(try await AccessTokens(keys: installation.keyRing()).issue(for: grant, validFor: validFor))
    }
}
