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
    /// Where the signing key is kept, if not in the database.
    private let folder: DataFolder?

    enum Use {
        /// Nothing but an installation that is there already.
        case existing
        /// One that is made where there is none.
        case any
        /// The same, for a server: a data folder has no more than one.
        case serving
    }

    /// - Throws: ``OperatorError``.
    init(_ settings: Settings, for use: Use) async throws {
        if case .postgres(let address) = settings.database {
            place = "the database"
            do {
                storage = try await PostgresStorage(
                    address, replicas: settings.replicas, connections: use == .serving ? settings.databaseConnections : 1)
            } catch let failure as StorageFailure {
                throw OperatorError("the database can't be opened: \(failure)")
            }
            folder = nil
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
        self.folder = folder
    }

    /// The signing key, made where there is none.
    /// - Throws: ``OperatorError``, `SigningKey.FileError`.
    func signingKey() async throws -> SigningKey {
        if let folder { return try folder.signingKey() }
        guard let keys = storage as? any SigningKeyStorage else { throw OperatorError("the database keeps no signing key") }
        do { return try await keys.signingKey(orElse: SigningKey()) } catch let failure as StorageFailure {
            throw OperatorError("the signing key can't be read: \(failure)")
        }
    }
}
