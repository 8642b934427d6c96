import Accounts
import Foundation
import Orders
import PostgresStorage
import SQLiteStorage

/// The database and signing keys that every command works on, wherever the settings place them.
struct Installation: Sendable {
    /// The location, as text for the operator.
    let place: String
    let storage: any OrderStorage
    let accounts: any MerchantStorage
    let mirrors: any MirrorStorage
    let links: any OrderLinkStorage
    let uploads: any ProofStorage
    let keys: any SigningKeyStorage
    /// Where servers share the limits that callers have spent; `nil` if there is only one server.
    let sharedLimits: (any SharedLimits)?
    /// Whether no other server can work on it at the same time.
    var hasOnlyOneServer: Bool { sharedLimits == nil }
    /// For the operator: what should be mended, or may not be what they expect.
    let warnings: [String]

    enum Use {
        /// Only an existing installation.
        case existing
        /// An existing installation, or a new one if there is none.
        case any
        /// The same, for a server: a data folder can have only one.
        case serving
        /// The same, for the demo, which expects a new one.
        case demo

        var isServer: Bool { self == .serving || self == .demo }
    }

    /// - Throws: ``OperatorError``; ``StorageFailure/unreachable(_:)`` to a server, which can wait.
    init(_ settings: Settings, for use: Use) async throws {
        var warnings = settings.warnings
        // A server logs them.
        defer { if !use.isServer { for warning in warnings { remark("warning: \(warning)\n") } } }
        if case .postgres(let address) = settings.database {
            place = "the database"
            do {
                let postgres = try await PostgresStorage(
                    address, replicas: settings.replicas, connections: use.isServer ? settings.databaseConnections : 1)
                (storage, accounts, mirrors, links) = (postgres, postgres.accounts, postgres.accounts, postgres.accounts)
                uploads = postgres.accounts
                (keys, sharedLimits) = (postgres, postgres)
                self.warnings = warnings
            } catch let failure as StorageFailure {
                if use == .serving, case .unreachable = failure { throw failure }
                throw OperatorError("the database can't be opened: \(failure)")
            }
            return
        }
        let folder = try DataFolder(path: settings.dataFolder, isMade: use != .existing)
        warnings += folder.warnings
        if use.isServer { try folder.lockForServing() }
        place = folder.url.path
        var path = folder.databasePath
        if case .sqlite(let given) = settings.database { path = given }
        let isNew = !FileManager.default.fileExists(atPath: path)
        if isNew, use == .serving {
            warnings.append(
                "there was no database at \(path): a new one was made, without any stores. If you expected yours, check --data")
        }
        self.warnings = warnings
        do {
            let sqlite = try SQLiteStorage(path: path)
            (storage, accounts, mirrors, links) = (sqlite, sqlite.accounts, sqlite.accounts, sqlite.accounts)
            uploads = sqlite.accounts
        } catch let failure as StorageFailure {
            throw OperatorError("\(path) can't be opened: \(failure)")
        }
        keys = folder.signingKeys
        sharedLimits = nil
    }

    /// The signing keys; created if there are none.
    /// - Throws: ``OperatorError``, `SigningKeyFolder.Failed`.
    func keyRing() async throws -> KeyRing {
        do { return try await keys.keyRing(orElse: SigningKey()).pruned(at: .now) } catch let failure as StorageFailure {
            throw OperatorError("the signing keys can't be read: \(failure)")
        }
    }

    /// The id of an existing store.
    /// - Throws: ``OperatorError`` if there is no such store.
    func storeID(_ text: String) async throws -> StoreID {
        guard let storeID = StoreID(text), try await storage.hasStore(storeID) else {
            throw OperatorError("there is no store \(text) in \(place)")
        }
        return storeID
    }

    /// The customer of a store with an id, or who signs in with an e-mail address.
    /// - Throws: ``OperatorError`` if there is none.
    func customer(_ text: String, of storeID: StoreID) async throws -> Buyer {
        if let email = EmailAddress(text), let account = try await accounts.account(of: email, in: storeID).account {
            return account.buyer
        }
        return Buyer(storeID: storeID, customerID: try await customers(text, of: storeID)[0])
    }

    /// The customers of a store with an e-mail address or an id.
    /// - Throws: ``OperatorError`` if there are none.
    func customers(_ text: String, of storeID: StoreID) async throws -> [CustomerID] {
        var ids: [CustomerID] = []
        if let number = Int64(text) {
            let id = CustomerID(number)
            if try await storage.hasCustomer(Buyer(storeID: storeID, customerID: id)) { ids = [id] }
        } else {
            guard let email = EmailAddress(text) else { throw OperatorError("--customer must be an e-mail address or an id") }
            ids = try await storage.customers(of: storeID, with: email)
        }
        guard !ids.isEmpty else {
            throw OperatorError("the store has no such customer: a customer is there from their first order on")
        }
        return ids
    }
}
