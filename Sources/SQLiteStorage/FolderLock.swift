import Foundation
import Orders

/// Keeps others, in this process and in others, from preparing a database of the same folder at the same time.
struct FolderLock {
    private let descriptor: Int32

    /// Waits for the lock.
    /// - Parameter path: that of the database.
    /// - Throws: ``StorageFailure`` if the folder can't be opened.
    init(of path: String) throws {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageFailure.unavailable(String(cString: strerror(errno))) }
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    func release() { close(descriptor) }
}
