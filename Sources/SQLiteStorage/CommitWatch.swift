import GRDBSQLite
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
    private static let copyLength = 48
    /// The size of the pieces in which SQLite maps the index.
    private static let regionLength: Int32 = 32768

    /// Keeps the index mapped, and is used for nothing else.
    nonisolated(unsafe) private let connection: OpaquePointer
    /// Shared memory that other processes change; nobody writes to it here. It is mapped as long as the connection is open.
    nonisolated(unsafe) private let header: UnsafeRawPointer

    /// `nil` where there is no index to be seen; then nothing can be told.
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

    /// The beginning of the index, as SQLite has it mapped.
    ///
    /// The file is not opened here: closing it again would take every lock from it that SQLite holds in this process (POSIX `fcntl`).
    private static func index(of connection: OpaquePointer) -> UnsafeRawPointer? {
        // The index is there from the first read on.
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

    /// `nil` while a commit is being written, or where the header is of an unknown version.
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
