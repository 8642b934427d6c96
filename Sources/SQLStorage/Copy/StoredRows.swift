import Orders

/// The rows whose keys lie between two others.
package struct StoredRange: Sendable {
    /// The key after which the range begins; `nil` for the first row.
    package let after: StoredRow?
    /// The key with which the range ends; `nil` for the last row.
    package let through: StoredRow?

    package init(after: StoredRow?, through: StoredRow?) {
        self.after = after
        self.through = through
    }
}

/// A source of rows, in the order of their keys.
package protocol StoredRows: Sendable {
    /// The first rows of a range, at most `limit`.
    /// - Throws: ``StorageFailure``.
    func rows(of table: StoredTable, in range: StoredRange, limit: Int) async throws -> [StoredRow]
}

/// A target to which rows are copied.
package protocol StoredRowsTarget: StoredRows {
    /// Begins a copy, or resumes one that was interrupted.
    /// - Throws: ``CopyRefusal`` if the storage contains anything else; ``StorageFailure``.
    func beginCopy() async throws

    /// Replaces all rows of a range.
    /// - Throws: ``StorageFailure``.
    func replace(_ table: StoredTable, in range: StoredRange, with rows: [StoredRow]) async throws

    /// Ends a copy, which can't be resumed after that.
    /// - Throws: ``StorageFailure``.
    func endCopy() async throws
}

/// The copy was refused: the target contains other data, or another copy is running.
package struct CopyRefusal: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
