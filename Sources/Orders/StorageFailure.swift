/// The reason why the storage can't do its work, with a text for the operator that is never sent to a buyer.
package enum StorageFailure: Error, Equatable, CustomStringConvertible {
    /// The disk or the file's quota is full.
    case full
    /// The storage can be read but not written.
    case readOnly
    /// Another process holds a lock for longer than is reasonable to wait.
    case busy
    /// The data belongs to a newer version of Pesanan.
    case newerSchema
    /// The file or database is not Pesanan's, or is damaged.
    case damaged
    /// The file is there and has no contents.
    case empty
    /// The file was moved or replaced while it was open: what is written would be lost.
    case moved
    /// The stored document of one row is damaged: the value says which. Everything else can be used.
    case damagedDocument(String)
    /// The database's server does not answer, or says that it is not ready: it may be in a moment. With its message.
    case unreachable(String)
    /// Any other reason, with the storage's own message.
    case unavailable(String)

    package var description: String {
        switch self {
        case .full: "the disk is full"
        case .readOnly: "the database can't be written: it, its folder or its disk is read-only"
        case .busy: "someone else is busy with the database and did not finish in time"
        case .newerSchema: "the database was made by a newer version of Pesanan: use that one, or another database"
        case .damaged: "the database is damaged or no database of Pesanan"
        case .empty: "the database file is empty: restore a backup, or remove the file to begin anew"
        case .moved: "the database file was moved, removed or replaced: put it back and start the server again"
        case .damagedDocument(let name): "the stored document of \(name) is damaged"
        case .unreachable(let words), .unavailable(let words): "the database can't be used: \(words)"
        }
    }
}
