import Accounts
import Foundation
import Orders
import PostgresStorage
import SQLiteStorage

/// What every command works on: the database and the signing key, wherever the settings say that they are.
struct Installation: Sendable {
    /// Where it is, in words for the operator.
    let place: String
    let storage: any OrderStorage
    let signingKey: SigningKey

    enum Use {
        /// Nothing but an installation that is there already.
        case existing
        /// One that is made where there is none.
        case any
        /// The same, for a server: a data folder has no more than one.
        case serving
    }

    /// - Throws: ``OperatorError``, `SigningKey.FileError`.
    init(_ settings: Settings, for use: Use) async throws {
        if case .postgres(let address) = settings.database {
            place = "the database"
            do {
                let storage = try await PostgresStorage(
                    address, replicas: settings.replicas, connections: use == .serving ? settings.databaseConnections : 1)
                self.storage = storage
                signingKey = try await storage.signingKey(orElse: SigningKey())
            } catch let failure as StorageFailure {
                throw OperatorError("the database can't be opened: \(failure)")
            }
            return
        }
        let folder = try DataFolder(path: settings.dataFolder, isMade: use != .existing)
        if use == .serving { try folder.lockForServing() }
        place = folder.url.path
        var path = folder.databasePath
        if case .sqlite(let given) = settings.database { path = given }
        do {
            storage = try SQLiteStorage(path: path)
        } catch let failure as StorageFailure {
            throw OperatorError("\(path) can't be opened: \(failure)")
        }
        signingKey = try folder.signingKey()
    }
}
