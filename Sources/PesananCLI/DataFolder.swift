import Accounts
import Foundation

/// The folder that holds all data: the database and the signing keys. Only its owner can access what is created in it.
struct DataFolder: Sendable {
    let url: URL
    /// For the operator: what should be mended.
    private(set) var warnings: [String] = []

    /// Opens the folder.
    /// - Parameter isMade: whether to create the folder if it is missing.
    /// - Throws: ``OperatorError`` if the folder is missing or can't be created.
    init(path: String, isMade: Bool = true) throws {
        url = URL(filePath: path, directoryHint: .isDirectory)
        // Files created in the folder are private to their owner too.
        umask(0o077)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else { throw OperatorError("the data folder \(path) is a file") }
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & 0o077 != 0 {
                warnings.append("others on this machine can look into the data folder: make it private with chmod 700 '\(path)'")
            }
            return
        }
        guard isMade else { throw OperatorError("there is no data folder \(path)") }
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw OperatorError("the data folder \(path) can't be created: \((error as NSError).localizedDescription)")
        }
    }

    /// Whether the folder is empty.
    var isEmpty: Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: url.path).isEmpty) ?? false
    }

    /// The path of the database in this folder.
    var databasePath: String { url.appending(component: "pesanan.sqlite").path }

    /// The signing keys in this folder.
    var signingKeys: SigningKeyFolder { SigningKeyFolder(url) }

    /// Locks the folder against other servers until this process ends.
    /// - Throws: ``OperatorError`` if another server holds the lock.
    func lockForServing() throws {
        let path = url.appending(component: "serving.lock").path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw OperatorError("the data folder \(url.path) can't be written: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw OperatorError(
                "the data folder \(url.path) is in use by another server: stop it, or name another folder with --data")
        }
        // The descriptor stays open: the system releases the lock when the process ends, however it ends.
    }
}
