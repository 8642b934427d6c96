import Accounts
import ArgumentParser
import Orders

/// `pesanan storefront-key`
struct StorefrontKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storefront-key", abstract: "Manage the public keys with which a store's own site calls the API.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a key and print it.",
            discussion: examples(
                "pesanan storefront-key create --store store_A",
                "pesanan storefront-key create --store store_A --until 2027-01-31T00:00:00Z"))
        @OptionGroup var end: EndOption
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            let key = StorefrontKey()
            _ = try await accounts.add(key, to: storeID, until: end.time, at: .now)
            print(key.text)
            suggest("Next: pesanan origin create https://YOUR-SHOP --store \(storeID.text), if its pages call from browsers")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the store's keys, oldest first: key, status, inserted_at, updated_at and, if it has one, its end.",
            discussion: examples(
                "pesanan storefront-key list --store store_A", "pesanan storefront-key list --store store_A | grep active"))
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            for key in try await accounts.storefrontKeys(of: storeID) { print(key.line) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a key, at once or at a later time.",
            discussion: examples(
                "pesanan storefront-key revoke sfpk_... --store store_A",
                "pesanan storefront-key revoke sfpk_... --store store_A --at 2027-01-31T00:00:00Z"))
        @Argument(help: "The key.")
        var key: String
        @OptionGroup var end: RevocationOption
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            guard try await accounts.end(storefrontKey: key, of: storeID, at: end.time, now: .now) else {
                throw OperatorError("the store has no such key that is active")
            }
            print(end.outcome)
        }
    }
}

/// The options of commands for a single store.
struct StoreOptions: ParsableArguments {
    @Option(help: "The store's unique_id.")
    var store: String

    @OptionGroup var data: DataOptions

    /// - Throws: ``OperatorError`` if there is no such store.
    func openInstallation() async throws -> (Installation, StoreID) {
        let installation = try await Installation(data.settings(), for: .existing)
        return (installation, try await installation.storeID(store))
    }

    /// - Throws: ``OperatorError`` if there is no such store.
    func open() async throws -> (any MerchantStorage, StoreID) {
        let (installation, storeID) = try await openInstallation()
        return (installation.accounts, storeID)
    }
}

/// When something ends.
struct EndOption: ParsableArguments {
    @Option(help: "From when on it is no longer accepted, as 2027-01-31T00:00:00Z. (default: never)")
    var until: Timestamp?

    var time: Timestamp? { until }

    func validate() throws {
        if let until, until <= .now { throw ValidationError("--until must be in the future") }
    }
}

/// When something is revoked.
struct RevocationOption: ParsableArguments {
    @Option(help: "When, as 2027-01-31T00:00:00Z. (default: at once)")
    var at: Timestamp?

    var time: Timestamp { at ?? .now }
    var outcome: String { time > .now ? "will be revoked at \(time)" : "revoked" }
}

extension Timestamp: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension StorefrontAccessEntry {
    /// A line of a list.
    var line: String {
        let end = expiresAt.map { "  ends \($0)" } ?? ""
        return "\(text)  \(status(at: .now))  \(insertedAt)  \(updatedAt)\(isRevoked ? "" : end)"
    }
}
