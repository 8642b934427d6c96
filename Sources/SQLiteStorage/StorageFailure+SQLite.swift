import GRDB
import GRDBSQLite
import Orders

extension StorageFailure {
    /// What a driver error means to the operator.
    init(_ error: any Error) {
        switch error {
        case let failure as StorageFailure: self = failure
        case let error as DatabaseError:
            self.init(
                resultCode: error.resultCode.rawValue,
                message: error.message ?? "SQLite error \(error.extendedResultCode.rawValue)")
        default: self = .unavailable(String(describing: type(of: error)))
        }
    }

    init(_ code: Int32, _ connection: OpaquePointer?) {
        let message = connection.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        self.init(resultCode: code & 0xFF, message: message.map { String(cString: $0) } ?? "SQLite error \(code)")
    }

    /// - Parameter message: SQLite's own message, which may name tables but never contains a statement's values.
    private init(resultCode: Int32, message: String) {
        switch resultCode {
        case SQLITE_FULL: self = .full
        case SQLITE_READONLY: self = .readOnly
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        case SQLITE_NOTADB, SQLITE_CORRUPT: self = .damaged
        default: self = .unavailable(message)
        }
    }
}
