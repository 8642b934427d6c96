package import Foundation
package import OrderServices
import Orders

/// Files in a folder, one below it for each store. Only the owner can read them.
package struct LocalFiles: FileStorage {
    private let folder: URL

    /// - Parameter folder: made when the first file is kept.
    package init(_ folder: URL) { self.folder = folder }

    private static let partSize = 64 << 10
    /// Writing waits for the disk, and must not keep a thread of the tasks waiting.
    private static let queue = DispatchQueue(label: "pesanan.uploads", attributes: .concurrent)

    private func url(_ name: FileName) -> URL {
        folder.appending(components: name.storeID.text, name.key.text)
    }

    package func put(_ bytes: [UInt8], as name: FileName, contentType: String) async throws(FileStorageFailure) {
        let written: Result<Void, FileStorageFailure> = await withCheckedContinuation { continuation in
            Self.queue.async {
                do throws(FileStorageFailure) { continuation.resume(returning: .success(try put(bytes, as: name))) } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        try written.get()
    }

    private func put(_ bytes: [UInt8], as name: FileName) throws(FileStorageFailure) {
        let target = url(name)
        let parent = target.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(
                at: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw FileStorageFailure("the folder for uploads can't be made: \((error as NSError).localizedDescription)") }
        let draft = parent.appending(component: ".\(name.key).\(UUID().uuidString)").path
        let descriptor = try check(open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600))
        do throws(FileStorageFailure) {
            defer { close(descriptor) }
            try write(bytes, to: descriptor)
            _ = try check(fsync(descriptor))
        } catch {
            unlink(draft)
            throw error
        }
        guard rename(draft, target.path) == 0 else {
            let failure = FileStorageFailure.ofSystem()
            unlink(draft)
            throw failure
        }
        // The name is safe only with the folder.
        let folder = try check(open(parent.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        defer { close(folder) }
        _ = try check(fsync(folder))
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) throws(FileStorageFailure) {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            start += Int(try check(Int32(clamping: count)))
        }
    }

    package func get(_ name: FileName) async throws(FileStorageFailure) -> FileParts? {
        let descriptor = open(url(name).path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        return LocalFileParts(file: OpenFile(try check(descriptor)), size: Self.partSize)
    }

    package func delete(_ name: FileName) async throws(FileStorageFailure) {
        if unlink(url(name).path) != 0, errno != ENOENT { throw .ofSystem() }
    }

    private func check(_ result: Int32) throws(FileStorageFailure) -> Int32 {
        if result < 0 { throw .ofSystem() }
        return result
    }
}

/// A descriptor that is closed with its last user.
private final class OpenFile: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}

private struct LocalFileParts: AsyncSequence, Sendable {
    let file: OpenFile
    let size: Int

    struct AsyncIterator: AsyncIteratorProtocol {
        let file: OpenFile
        let size: Int
        var position: off_t = 0

        mutating func next() async throws -> [UInt8]? {
            let part = try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                let read = pread(file.descriptor, buffer.baseAddress, size, position)
                guard read >= 0 else { throw FileStorageFailure.ofSystem() }
                count = read
            }
            position += off_t(part.count)
            return part.isEmpty ? nil : part
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file, size: size) }
}

extension FileStorageFailure {
    /// What the last system call has failed with.
    fileprivate static func ofSystem() -> FileStorageFailure {
        FileStorageFailure("the folder for uploads can't be used: \(String(cString: strerror(errno)))")
    }
}
