import Crypto
package import Foundation
import Orders
import Synchronization

/// Signing keys in a folder: the newest in `signing-key.pem`, each earlier one in `signing-key.until-SECONDS.pem`, named after
/// the time until which it signed (seconds since 1970). All files have mode 0600.
package final class SigningKeyFolder: SigningKeyStorage {
    /// Why a key can't be used, in words for the operator.
    package enum Failed: Error, Equatable, CustomStringConvertible {
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

    private let folder: URL
    /// The state of the newest key's file when the keys were last read.
    private let lastSeen = Mutex<FileState?>(nil)

    package init(_ folder: URL) { self.folder = folder }

    /// Whether there is a key in the folder.
    package var hasKeys: Bool { FileManager.default.fileExists(atPath: newestFile.path) }

    package func keyRing(orElse new: SigningKey) async throws -> KeyRing { try ring(orElse: new) }

    private func ring(orElse new: SigningKey) throws -> KeyRing {
        if try load(newestFile) == nil { try write(new, to: newestFile, replacing: false) }
        let state = FileState(newestFile.path)
        guard let newest = try load(newestFile) else {
            throw Failed.unreadable(path: newestFile.path, reason: String(cString: strerror(ENOENT)))
        }
        var entries: [KeyRing.Entry] = []
        var usedFrom: Int64 = 0
        for (seconds, file) in try olderFiles() {
            guard let key = try load(file) else { continue }
            entries.append(KeyRing.Entry(key, usedFrom: Timestamp(seconds: usedFrom)))
            usedFrom = seconds
        }
        // A key that was just moved away is in both files.
        entries.removeAll { $0.key.id == newest.id }
        lastSeen.withLock { $0 = state }
        return KeyRing(entries + [KeyRing.Entry(newest, usedFrom: Timestamp(seconds: usedFrom))])
    }

    package func change(
        orElse new: SigningKey, _ change: @escaping @Sendable (KeyRing) -> KeyRing
    ) async throws -> KeyRing {
        let lock = folder.appending(component: ".signing-key.lock")
        let descriptor = open(lock.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failed.unwritable(path: lock.path, reason: String(cString: strerror(errno))) }
        // Closing the descriptor releases the lock. It is held only while a few small files are written.
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else {
            throw Failed.unwritable(path: lock.path, reason: String(cString: strerror(errno)))
        }
        let ring = change(try ring(orElse: new))
        try keep(ring)
        return ring
    }

    private func keep(_ ring: KeyRing) throws {
        let older = zip(ring.entries, ring.entries.dropFirst()).map { ($0.key, "\(prefix)\($1.usedFrom.seconds)\(suffix)") }
        // Delete revoked keys first, and write the newest key last, because that is the change that others notice. In between a
        // key may exist twice, but one to be kept is never missing.
        for (_, file) in try olderFiles() where !older.contains(where: { $0.1 == file.lastPathComponent }) { unlink(file.path) }
        for (key, name) in older { try write(key, to: folder.appending(component: name), replacing: true) }
        if let newest = ring.entries.last { try write(newest.key, to: newestFile, replacing: true) }
    }

    package func mayHaveChanged() -> Bool {
        let state = FileState(newestFile.path)
        return lastSeen.withLock { $0 != state }
    }

    private var newestFile: URL { folder.appending(component: "signing-key.pem") }
    private var prefix: String { "signing-key.until-" }
    private var suffix: String { ".pem" }

    /// The files of the earlier keys, oldest first, each with the time until which it signed.
    private func olderFiles() throws -> [(seconds: Int64, file: URL)] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder.path) } catch {
            throw Failed.unreadable(path: folder.path, reason: (error as NSError).localizedDescription)
        }
        return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }.compactMap { name in
            Int64(name.dropFirst(prefix.count).dropLast(suffix.count)).map { ($0, folder.appending(component: name)) }
        }.sorted { $0.0 < $1.0 }
    }

    /// `nil` if there is no such file.
    private func load(_ file: URL) throws -> SigningKey? {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Failed.unreadable(path: file.path, reason: String(cString: strerror(errno)))
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else { throw Failed.notPrivate(path: file.path) }
        let text = String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
        guard let key = SigningKey(pem: text) else { throw Failed.notAKey(path: file.path) }
        return key
    }

    /// Writes the key to a temporary file first, so that nobody ever reads an incomplete key.
    /// - Parameter replacing: whether to replace an existing file; if `false`, an existing file is kept.
    private func write(_ key: SigningKey, to file: URL, replacing: Bool) throws {
        let draft = folder.appending(component: ".\(file.lastPathComponent).\(UUID().uuidString)")
        defer { unlink(draft.path) }
        let failure = { Failed.unwritable(path: file.path, reason: String(cString: strerror(errno))) }
        let descriptor = open(draft.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        let text = Array(key.pem.utf8) + [UInt8(ascii: "\n")]
        guard Foundation.write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else { throw failure() }
        if replacing {
            guard rename(draft.path, file.path) == 0 else { throw failure() }
        } else {
            guard link(draft.path, file.path) == 0 || errno == EEXIST else { throw failure() }
        }
    }
}

/// Identifies a version of a file.
private struct FileState: Equatable {
    private let inode: UInt64
    private let seconds: Int
    private let nanoseconds: Int

    /// `nil` if there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        inode = UInt64(status.st_ino)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}
