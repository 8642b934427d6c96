import Crypto
package import Foundation

extension SigningKey {
    /// Why a key file can't be used, in words for the operator.
    package enum FileError: Error, Equatable, CustomStringConvertible {
        case unreadable(path: String, reason: String)
        case unwritable(path: String, reason: String)
        case notPrivate(path: String)
        case notAKey(path: String)

        package var description: String {
            switch self {
            case .unreadable(let path, let reason): "the signing key \(path) can't be read: \(reason)"
            case .unwritable(let path, let reason): "the signing key \(path) can't be written: \(reason)"
            case .notPrivate(let path): "the signing key \(path) may be read by others: make it private with chmod 600"
            case .notAKey(let path): "the signing key \(path) is not a P-256 private key in PEM"
            }
        }
    }

    /// The key in a file; where there is no file, a new key is made and kept there with mode 0600.
    ///
    /// Of processes that do so at the same time one makes the key and the others use it.
    /// - Throws: ``FileError``.
    package static func loadOrCreate(at file: URL) throws -> SigningKey {
        if let key = try load(from: file) { return key }
        try create(at: file)
        guard let key = try load(from: file) else {
            throw FileError.unreadable(path: file.path, reason: String(cString: strerror(ENOENT)))
        }
        return key
    }

    /// `nil` where there is no file.
    private static func load(from file: URL) throws -> SigningKey? {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError.unreadable(path: file.path, reason: String(cString: strerror(errno)))
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let mode = try? FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? NSNumber
        guard let mode, mode.intValue & 0o077 == 0 else { throw FileError.notPrivate(path: file.path) }
        let text = String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
        guard let key = SigningKey(pem: text) else { throw FileError.notAKey(path: file.path) }
        return key
    }

    /// Writes a new key under another name first, so that nobody ever reads half a key.
    private static func create(at file: URL) throws {
        let draft = file.deletingLastPathComponent().appending(component: ".\(file.lastPathComponent).\(UUID().uuidString)")
        defer { unlink(draft.path) }
        let failure = { FileError.unwritable(path: file.path, reason: String(cString: strerror(errno))) }
        let descriptor = open(draft.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        let text = Array(P256.Signing.PrivateKey().pemRepresentation.utf8) + [UInt8(ascii: "\n")]
        guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else { throw failure() }
        guard link(draft.path, file.path) == 0 || errno == EEXIST else { throw failure() }
    }
}
