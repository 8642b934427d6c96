import Accounts
import Foundation
import SQLiteStorage

/// The folder that holds everything: the database and the signing key. Only its owner may look into it.
struct DataFolder: Sendable {
    let url: URL

    /// Opens the folder, making it where there is none.
    /// - Throws: ``OperatorError`` where that can't be done.
    init(path: String) throws {
        url = URL(filePath: path, directoryHint: .isDirectory)
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw OperatorError("the data folder \(path) can't be made: \(String(cString: strerror(errno)))")
        }
    }

    /// Whether nothing is in the folder.
    var isEmpty: Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: url.path).isEmpty) ?? false
    }

    /// The database in this folder.
    /// - Throws: `StorageFailure`.
    func openStorage() throws -> SQLiteStorage {
        try SQLiteStorage(path: url.appending(component: "pesanan.sqlite").path)
    }

    /// The signing key in this folder, made where there is none.
    /// - Throws: `SigningKey.FileError`.
    func signingKey() throws -> SigningKey {
        try SigningKey.loadOrCreate(at: url.appending(component: "signing-key.pem"))
    }

    /// Keeps other servers out of the folder for as long as this process lives.
    /// - Throws: ``OperatorError`` where one is there already.
    func lockForServing() throws {
        let path = url.appending(component: "serving.lock").path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw OperatorError("the data folder \(url.path) can't be written: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw OperatorError(
                "the data folder \(url.path) is in use by another server: stop that one, or name another with --data")
        }
        // The descriptor stays open: the system gives the lock back when the process ends, however it ends.
    }
}
