import Accounts
import ArgumentParser
import Orders

/// `pesanan origin`
struct Origins: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "origin", abstract: "Manage the origins whose pages may call for a store from a browser.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register an origin, or give a registered one another end.",
            discussion: examples(
                "pesanan origin create https://shop.example --store store_A",
                "pesanan origin create https://preview.shop.example --store store_A --until 2027-01-31T00:00:00Z"))
        @Argument(help: "The origin as browsers send it, for example https://shop.example.")
        var origin: String
        @OptionGroup var end: EndOption
        @OptionGroup var store: StoreOptions

        func validate() throws {
            guard WebOrigin(origin) != nil else {
                throw ValidationError(
                    "an origin is http://, https://, capacitor:// or ionic://, a host in lower case and, unless it is the default, a port; nothing after it"
                )
            }
        }

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            guard let origin = WebOrigin(origin) else { return }
            _ = try await accounts.add(origin, to: storeID, until: end.time, at: .now)
            print(origin.text)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print the store's origins, oldest first: origin, status, inserted_at, updated_at and, if it has one, its end.",
            discussion: examples("pesanan origin list --store store_A", "pesanan origin list --store store_A | grep active"))
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            for origin in try await accounts.origins(of: storeID) { print(origin.line) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke an origin, at once or at a later time.",
            discussion: examples(
                "pesanan origin revoke https://shop.example --store store_A",
                "pesanan origin revoke https://shop.example --store store_A --at 2027-01-31T00:00:00Z"))
        @Argument(help: "The origin.")
        var origin: String
        @OptionGroup var end: RevocationOption
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            guard try await accounts.end(origin: origin, of: storeID, at: end.time, now: .now) else {
                throw OperatorError("the store has no such origin that is active")
            }
            print(end.outcome)
        }
    }
}
