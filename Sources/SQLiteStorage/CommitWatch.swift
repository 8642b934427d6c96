import Foundation
import Orders
import Synchronization

/// Tells without a lock and without a call whether anything was committed to the database since, by this process or another.
///
/// It looks at what SQLite's own readers look at first: the header of the WAL index, which lies in memory that all processes share and
/// changes with every commit. SQLite writes it twice, the second copy first; two equal copies are a whole header
/// (https://www.sqlite.org/walformat.html#the_wal_index_file_format). A commit is in the header before it is acknowledged, so what was
/// read under an equal header is the latest.
final class CommitWatch: Sendable {
    /// The header as it was at some moment; any commit makes another one.
    struct State: Equatable, Sendable {
        fileprivate let words: InlineArray<6, UInt64>

        static func == (left: State, right: State) -> Bool {
            left.words.indices.allSatisfy { left.words[$0] == right.words[$0] }
        }
    }

    /// The only version of the header that there is so far, in its first four bytes.
    private static let knownVersion: UInt64 = 3_007_000
    private static let length = 96

    /// Mapped for as long as this lives, and only read.
    nonisolated(unsafe) private let header: UnsafeRawPointer

    /// - Parameter databasePath: the path of a database that a connection is open to, as its index goes away with the last one.
    /// `nil` where there is no index to be seen; then nothing can be told.
    init?(databasePath: String) {
        let descriptor = open(databasePath + "-shm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard lseek(descriptor, 0, SEEK_END) >= Self.length,
            let header = mmap(nil, Self.length, PROT_READ, MAP_SHARED, descriptor, 0), header != MAP_FAILED
        else { return nil }
        self.header = UnsafeRawPointer(header)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: header), Self.length) }

    /// `nil` while a commit is being written, or where the header is of an unknown version.
    var state: State? {
        let first = copy(at: 0)
        atomicMemoryFence(ordering: .acquiring)
        let second = copy(at: Self.length / 2)
        guard first == second, first.words[0] & 0xFFFF_FFFF == Self.knownVersion else { return nil }
        return first
    }

    private func copy(at offset: Int) -> State {
        State(words: InlineArray { header.load(fromByteOffset: offset + $0 * 8, as: UInt64.self) })
    }
}
