package import Accounts
package import JSON
package import Orders

/// A merchant's store, and who has access to it from browsers.
package struct MerchantStores: Sendable {
    private let storage: any MerchantStorage
    private let now: @Sendable () -> Timestamp

    /// The maximum number of keys, and of origins, of a store.
    package static let maximumEntries = 100

    package init(storage: any MerchantStorage, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.storage = storage
        self.now = now
    }

    /// The store as its merchant sent it.
    /// - Parameter name: its unique_id or, as text, its integer id.
    /// - Throws: ``Failure/storeNotFound`` if it is another store; ``StorageFailure``.
    package func store(_ name: String, of storeID: StoreID) async throws -> JSON {
        guard let store = try await storage.store(storeID, named: name) else { throw Failure.storeNotFound }
        return store
    }

    /// Changes fields of the store. Its buyers see it at once.
    /// - Throws: ``Failure/invalidContent(_:)``; ``StorageFailure``.
    package func change(_ fields: [(name: String, value: JSON)], of storeID: StoreID) async throws -> JSON {
        let outcome = try await storage.changeStore(storeID, at: now()) { (store: JSON) -> JSON in
            var changed: [(name: String, value: JSON)] = []
            for (name, value) in fields {
                changed.append((name, name == "payment_accounts" ? Self.numbered(value, store) : value))
            }
            return store.replacing(changed)
        }
        if case .refused(let refusal) = outcome {
            throw Failure.invalidContent([FieldError(refusal.field, refusal.reason)])
        }
        return try await store(storeID.text, of: storeID)
    }

    /// Payment accounts, in which each that has no id gets the next one.
    private static func numbered(_ accounts: JSON, _ store: JSON) -> JSON {
        guard case .array(let accounts) = accounts else { return accounts }
        var before: [JSON] = []
        if case .array(let stored)? = store["payment_accounts"] { before = stored }
        var taken = Set(
            (before + accounts).compactMap { account -> Int64? in
                if case .number(let digits)? = account["id"] { Int64(digits) } else { nil }
            })
        var next: Int64 = 1
        return .array(
            accounts.map { account in
                var fields: [(name: String, value: JSON)] = []
                if account["id"] ?? .null == .null {
                    while taken.contains(next) { next += 1 }
                    taken.insert(next)
                    fields.append(("id", .number(String(next))))
                }
                if account["unique_id"] ?? .null == .null {
                    fields.append(("unique_id", .string("pa_" + UUIDBytes.random().description.filter { $0 != "-" }.prefix(12))))
                }
                return account.replacing(fields)
            })
    }

    package func keys(of storeID: StoreID) async throws -> [StorefrontAccessEntry] {
        try await storage.storefrontKeys(of: storeID)
    }

    /// Adds a storefront key.
    /// - Throws: ``Failure/tooManyEntries``; ``StorageFailure``.
    package func addKey(to storeID: StoreID) async throws -> StorefrontAccessEntry {
        let key = StorefrontKey()
        try checkRoom(try await keys(of: storeID))
        _ = try await storage.add(key, to: storeID, until: nil, at: now())
        return try await entry(key.text, in: keys(of: storeID))
    }

    /// Revokes a key, on every server within a second.
    /// - Throws: ``Failure/entryNotFound`` if there is no such key, or it is not accepted any more; ``StorageFailure``.
    package func revokeKey(_ text: String, of storeID: StoreID) async throws {
        let time = now()
        guard try await storage.end(storefrontKey: text, of: storeID, at: time, now: time) else { throw Failure.entryNotFound }
    }

    package func origins(of storeID: StoreID) async throws -> [StorefrontAccessEntry] { try await storage.origins(of: storeID) }

    /// Adds an origin, from whose pages browsers may call.
    /// - Throws: ``Failure/tooManyEntries``; ``StorageFailure``.
    package func add(_ origin: WebOrigin, to storeID: StoreID) async throws -> StorefrontAccessEntry {
        try checkRoom(try await origins(of: storeID))
        _ = try await storage.add(origin, to: storeID, until: nil, at: now())
        return try await entry(origin.text, in: origins(of: storeID))
    }

    /// - Throws: ``Failure/entryNotFound``; ``StorageFailure``.
    package func revokeOrigin(_ text: String, of storeID: StoreID) async throws {
        let time = now()
        guard try await storage.end(origin: text, of: storeID, at: time, now: time) else { throw Failure.entryNotFound }
    }

    private func checkRoom(_ entries: [StorefrontAccessEntry]) throws(Failure) {
        let active = entries.count { $0.status(at: now()) == .active }
        guard active < Self.maximumEntries else { throw .tooManyEntries }
    }

    private func entry(_ text: String, in entries: [StorefrontAccessEntry]) throws -> StorefrontAccessEntry {
        guard let entry = entries.first(where: { $0.text == text }) else { throw Failure.unavailable }
        return entry
    }
}

extension Failure {
    package static let storeNotFound = Failure(.notFound, "store_not_found", "Store not found")

    /// The store has no such key or origin.
    package static let entryNotFound = Failure(.notFound, "not_found", "There is no such entry")

    fileprivate static let tooManyEntries = Failure(
        .conflict, "too_many_entries", "The store has \(MerchantStores.maximumEntries) of them: revoke one that is no longer used"
    )
}
