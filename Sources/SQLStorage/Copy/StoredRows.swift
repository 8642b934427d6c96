import Orders

/// Rows whose keys lie between two others.
package struct StoredRange: Sendable {
    /// The key after which the range begins; at the first row where `nil`.
    package let after: StoredRow?
    /// The key with which it ends; with the last row where `nil`.
    package let through: StoredRow?

    package init(after: StoredRow?, through: StoredRow?) {
        self.after = after
        self.through = through
    }
}

/// Where rows are read from, in the order of their keys.
package protocol StoredRows: Sendable {
    /// The first rows of a range, at most so many.
    /// - Throws: ``StorageFailure``.
    func rows(of table: StoredTable, in range: StoredRange, limit: Int) async throws -> [StoredRow]
}

/// Where rows are copied to.
package protocol StoredRowsTarget: StoredRows {
    /// Begins a copy, or goes on with one that was interrupted.
    /// - Throws: ``CopyRefusal`` where the storage holds something else; ``StorageFailure``.
    func beginCopy() async throws

    /// Makes these the rows of a range, and there are no others in it.
    /// - Throws: ``StorageFailure``.
    func replace(_ table: StoredTable, in range: StoredRange, with rows: [StoredRow]) async throws

    /// Ends a copy: from now on what is there is no copy that could go on.
    /// - Throws: ``StorageFailure``.
    func endCopy() async throws
}

/// Nothing is copied over what is there.
package struct CopyRefusal: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
