import Accounts
import ArgumentParser
import Orders

/// `pesanan origin`
struct Origins: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "origin", abstract: "Manage the origins whose pages may call for a store from a browser.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Register an origin.")
        @Argument(help: "The origin as browsers send it, for example https://shop.example.")
        var origin: String
        @OptionGroup var store: StoreOptions

        func validate() throws {
            guard WebOrigin(origin) != nil else {
                throw ValidationError(
                    "an origin is http:// or https://, a host in lower case and, unless it is the default, a port; nothing after it"
                )
            }
        }

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            guard let origin = WebOrigin(origin) else { return }
            _ = try await accounts.add(origin, to: storeID, at: .now)
            print(origin.text)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the store's origins, oldest first, each with the time it was added.")
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            for origin in try await accounts.origins(of: storeID) { print("\(origin.text)  \(origin.createdAt)") }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke an origin.")
        @Argument(help: "The origin.")
        var origin: String
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            guard try await accounts.remove(origin: origin, of: storeID) else {
                throw OperatorError("the store has no such origin")
            }
            print("revoked")
        }
    }
}
