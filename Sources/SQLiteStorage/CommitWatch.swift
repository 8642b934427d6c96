import GRDBSQLite
import Orders
import Synchronization

/// Detects, without a lock or a system call, whether this or any other process has committed to the database.
///
/// It reads what SQLite's own readers read first: the header of the WAL index, which is in memory shared by all processes and
/// changes with every commit. SQLite writes two copies of the header, the second one first; if both are equal, the header is
/// complete (https://www.sqlite.org/walformat.html#the_wal_index_file_format). The header contains a commit before the commit is
/// acknowledged, so data read under an equal header is the latest.
final class CommitWatch: Sendable {
    /// The header at some moment; every commit changes it.
    struct State: Equatable, Sendable {
        fileprivate let words: InlineArray<6, UInt64>

        static func == (left: State, right: State) -> Bool {
            left.words.indices.allSatisfy { left.words[$0] == right.words[$0] }
        }

        /// Whether exactly one commit lies between another state and this: each raises a counter by one.
        func isNext(after other: State) -> Bool { changes == other.changes &+ 1 }

        /// The counter of commits, in the third four bytes of the header.
        private var changes: UInt32 { UInt32(truncatingIfNeeded: words[1]) }
    }

    /// The only existing version of the header, in its first four bytes.
    private static let knownVersion: UInt64 = 3_007_000
    private static let copyLength = 48
    /// The size of the regions in which SQLite maps the index.
    private static let regionLength: Int32 = 32768

    /// Used only to keep the index mapped.
    nonisolated(unsafe) private let connection: OpaquePointer
    /// Shared memory that other processes change; this one never writes to it. It stays mapped while the connection is open.
    nonisolated(unsafe) private let header: UnsafeRawPointer

    /// `nil` if the index is not accessible; commits can't be detected then.
    init?(databasePath: String) {
        var connection: OpaquePointer?
        guard sqlite3_open_v2(databasePath, &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
            let connection, let header = Self.index(of: connection)
        else {
            sqlite3_close_v2(connection)
            return nil
        }
        self.connection = connection
        self.header = header
    }

    deinit { sqlite3_close_v2(connection) }

    /// The start of the index, as mapped by SQLite.
    ///
    /// The file must not be opened here: closing it would release every lock that SQLite holds on it in this process (POSIX
    /// `fcntl`).
    private static func index(of connection: OpaquePointer) -> UnsafeRawPointer? {
        // The index exists after the first read.
        guard sqlite3_exec(connection, "SELECT 1 FROM sqlite_schema LIMIT 1", nil, nil, nil) == SQLITE_OK else { return nil }
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK, let file,
            let methods = file.pointee.pMethods, methods.pointee.iVersion >= 2, let map = methods.pointee.xShmMap
        else { return nil }
        var region: UnsafeMutableRawPointer?
        let code = map(file, 0, regionLength, 0, &region)
        guard code == SQLITE_OK || code == SQLITE_READONLY else { return nil }
        return UnsafeRawPointer(region)
    }

    /// `nil` while a commit is being written, or if the version of the header is unknown.
    var state: State? {
        let first = copy(at: 0)
        atomicMemoryFence(ordering: .acquiring)
        let second = copy(at: Self.copyLength)
        guard first == second, first.words[0] & 0xFFFF_FFFF == Self.knownVersion else { return nil }
        return first
    }

    private func copy(at offset: Int) -> State {
        State(words: InlineArray { header.load(fromByteOffset: offset + $0 * 8, as: UInt64.self) })
    }
}
