import Foundation

/// Which file a path leads to. Another file of the same path has another identity.
struct FileIdentity: Equatable, Sendable {
    private let device: UInt
    private let number: UInt

    /// `nil` if there is no such file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt(status.st_dev)
        number = UInt(status.st_ino)
    }
}
