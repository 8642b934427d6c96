import Accounts
import ArgumentParser
import Orders

/// `pesanan storefront-key`
struct StorefrontKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storefront-key", abstract: "Manage the public keys with which a store's own site calls the API.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create a key and print it.")
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            let key = StorefrontKey()
            _ = try await accounts.add(key, to: storeID, at: .now)
            print(key.text)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the store's keys, oldest first, each with the time it was created.")
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            for key in try await accounts.storefrontKeys(of: storeID) { print("\(key.text)  \(key.createdAt)") }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a key.")
        @Argument(help: "The key.")
        var key: String
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            guard try await accounts.remove(storefrontKey: key, of: storeID) else {
                throw OperatorError("the store has no such key")
            }
            print("revoked")
        }
    }
}

/// The options of commands for a single store.
struct StoreOptions: ParsableArguments {
    @Option(help: "The store's unique_id.")
    var store: String

    @OptionGroup var data: DataOptions

    func open() async throws -> (any AccountStorage, StoreID) {
        let installation = try await Installation(data.settings(), for: .existing)
        return (installation.accounts, try await installation.storeID(store))
    }
}
