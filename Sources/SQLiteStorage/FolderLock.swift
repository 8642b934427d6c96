import Foundation
import Orders

/// A lock that lets only one caller at a time, in this process or another, prepare a database of a folder.
struct FolderLock {
    private let descriptor: Int32

    /// Waits for the lock.
    /// - Parameter path: the path of the database.
    /// - Throws: ``StorageFailure`` if the folder can't be opened.
    init(of path: String) throws {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageFailure.unavailable(String(cString: strerror(errno))) }
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    func release() { close(descriptor) }
}
