import Accounts
import ArgumentParser
import Orders

/// `pesanan business-key`
struct BusinessKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "business-key", abstract: "Manage the secret keys with which a merchant's own systems call the API.",
        subcommands: [Create.self, List.self, Revoke.self])

    /// The maximum number of keys of a store that are accepted (`surroundings.md`).
    private static let limit = 10

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a key and print it, once: only its digest is stored.",
            discussion: examples(
                "pesanan business-key create --store store_A",
                "pesanan business-key create --store store_A --scopes order:read,order:change_status --until 2027-01-31T00:00:00Z"
            ))

        @Option(help: "What the key may be used for, separated by commas. (default: everything)")
        var scopes: String?
        @OptionGroup var end: EndOption
        @OptionGroup var store: StoreOptions

        func validate() throws { _ = try named() }

        func run() async throws {
            let scopes = try named()
            let (accounts, storeID) = try await store.open()
            let key = BusinessKey(isRestricted: scopes != nil)
            guard
                try await accounts.add(key, with: scopes, to: storeID, until: end.time, limit: BusinessKeys.limit, at: .now)
                    != nil
            else { throw OperatorError("the store has \(BusinessKeys.limit) keys already: revoke one that is no longer used") }
            print(key.text)
            suggest("Keep it like a password: it is not shown again")
        }

        private func named() throws -> Set<BusinessScope>? {
            guard let scopes else { return nil }
            let all = BusinessScope.allCases.map(\.rawValue).joined(separator: ", ")
            let named = try scopes.split(separator: ",", omittingEmptySubsequences: false).map { name in
                guard let scope = BusinessScope(rawValue: String(name)) else {
                    throw ValidationError("there is no scope '\(name)'; the scopes are \(all)")
                }
                return scope
            }
            return Set(named)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print the store's keys, oldest first: id, the end of the key, status, inserted_at, scopes and, if it has one, its end.",
            discussion: examples(
                "pesanan business-key list --store store_A", "pesanan business-key list --store store_A | grep active")
        )
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            for key in try await accounts.businessKeys(of: storeID) { print(key.line) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a key, at once or at a later time.",
            discussion: examples(
                "pesanan business-key revoke 0b8f6f3e-… --store store_A",
                "pesanan business-key revoke 0b8f6f3e-… --store store_A --at 2027-01-31T00:00:00Z"))
        @Argument(help: "The key's id, as listed.")
        var id: String
        @OptionGroup var end: RevocationOption
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (accounts, storeID) = try await store.open()
            guard let id = UUIDBytes(id), try await accounts.end(businessKey: id, of: storeID, at: end.time, now: .now) else {
                throw OperatorError("the store has no key of that id that is accepted until then")
            }
            print(end.outcome)
        }
    }
}

extension BusinessKeyEntry {
    /// A line of a list.
    fileprivate var line: String {
        let scopes = grant.scopes.map { $0.map(\.rawValue).sorted().joined(separator: ",") } ?? "everything"
        let end = isRevoked ? "" : grant.expiresAt.map { "  ends \($0)" } ?? ""
        return "\(grant.id)  \(hint)  \(status(at: .now).rawValue)  \(insertedAt)  \(scopes)\(end)"
    }
}
