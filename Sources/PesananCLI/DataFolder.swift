import Accounts
import Foundation

/// The folder that holds everything: the database and the signing keys. What is made in it is its owner's alone.
struct DataFolder: Sendable {
    let url: URL

    /// Opens the folder.
    /// - Parameter isMade: whether it is made where there is none.
    /// - Throws: ``OperatorError`` where there is none or it can't be made.
    init(path: String, isMade: Bool = true) throws {
        url = URL(filePath: path, directoryHint: .isDirectory)
        // What is made in the folder is its owner's alone as well.
        umask(0o077)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else { throw OperatorError("the data folder \(path) is a file") }
            return
        }
        guard isMade else { throw OperatorError("there is no data folder \(path)") }
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw OperatorError("the data folder \(path) can't be made: \((error as NSError).localizedDescription)")
        }
    }

    /// Whether nothing is in the folder.
    var isEmpty: Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: url.path).isEmpty) ?? false
    }

    /// The path of the database in this folder.
    var databasePath: String { url.appending(component: "pesanan.sqlite").path }

    /// The signing keys in this folder.
    var signingKeys: SigningKeyFolder { SigningKeyFolder(url) }

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
