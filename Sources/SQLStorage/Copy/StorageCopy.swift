import Orders

/// Copies the entire contents of one storage to another.
///
/// It processes each table range by range, and writes a range only if the target's rows differ. So an interrupted copy can be run
/// again, and does only what is left. At the end, it reads the target once more and compares it with what was read from the
/// source.
package struct StorageCopy: Sendable {
    private static let rangeSize = 1000

    private let source: any StoredRows
    private let target: any StoredRowsTarget

    package init(from source: any StoredRows, to target: any StoredRowsTarget) {
        self.source = source
        self.target = target
    }

    /// A summary of the rows read from one table.
    package struct Summary: Equatable, Sendable {
        package private(set) var rows = 0
        /// Differs if any value or the order of the rows differs.
        package private(set) var checksum: UInt64 = Fingerprint().value

        mutating func add(_ rows: [StoredRow]) {
            var fingerprint = Fingerprint(checksum)
            for row in rows { for value in row { fingerprint.combine(value) } }
            self.rows += rows.count
            checksum = fingerprint.value
        }
    }

    package enum Step: Sendable {
        /// The target contains this many rows of a table.
        case copied(StoredTable, rows: Int)
        /// This many rows of a table were read back from the target.
        case checked(StoredTable, rows: Int)
        /// A table of the target was compared with the source's; it matches if the summaries are equal.
        case verified(StoredTable, source: Summary, target: Summary)
    }

    /// Copies everything.
    /// - Parameter beforeEnd: completes the copy, once everything else is verified; if it throws, the copy can be resumed.
    /// - Returns: whether every table of the target contains what was read from the source.
    /// - Throws: ``CopyRefusal``, ``StorageFailure``.
    package func run(_ report: (Step) -> Void, beforeEnd: () async throws -> Void = {}) async throws -> Bool {
        try await target.beginCopy()
        var isSame = true
        var summaries: [StoredTable: Summary] = [:]
        for table in StoredTable.all {
            summaries[table] = try await copy(table) { report(.copied(table, rows: $0)) }
        }
        for table in StoredTable.all {
            let written = try await read(table) { report(.checked(table, rows: $0)) }
            let given = summaries[table] ?? Summary()
            report(.verified(table, source: given, target: written))
            if given != written { isSame = false }
        }
        guard isSame else { return false }
        try await beforeEnd()
        try await target.endCopy()
        return true
    }

    private func copy(_ table: StoredTable, _ report: (Int) -> Void) async throws -> Summary {
        var summary = Summary()
        var after: StoredRow?
        while true {
            let rows = try await source.rows(of: table, in: StoredRange(after: after, through: nil), limit: Self.rangeSize)
            let isLast = rows.count < Self.rangeSize
            let range = StoredRange(after: after, through: isLast ? nil : rows.last?.key(of: table))
            // One more than expected, so that a surplus row is detected.
            if try await target.rows(of: table, in: range, limit: rows.count + 1) != rows {
                try await target.replace(table, in: range, with: rows)
            }
            summary.add(rows)
            report(summary.rows)
            if isLast { return summary }
            after = range.through
        }
    }

    private func read(_ table: StoredTable, _ report: (Int) -> Void) async throws -> Summary {
        var summary = Summary()
        var after: StoredRow?
        while true {
            let rows = try await target.rows(of: table, in: StoredRange(after: after, through: nil), limit: Self.rangeSize)
            summary.add(rows)
            report(summary.rows)
            if rows.count < Self.rangeSize { return summary }
            after = rows.last?.key(of: table)
        }
    }
}

extension StoredRow {
    fileprivate func key(of table: StoredTable) -> StoredRow { Array(prefix(table.keyLength)) }
}

extension Fingerprint {
    /// Hashes each value preceded by its kind and length, so that no two different rows look the same.
    fileprivate mutating func combine(_ value: StoredValue) {
        switch value {
        case .null: combine(0)
        case .text(let text):
            combine(1)
            combine(bytes: Array(text.utf8))
        case .integer(let integer):
            combine(2)
            combine(UInt64(bitPattern: integer))
        case .bytes(let bytes):
            combine(3)
            combine(bytes: bytes)
        case .orderID(let id):
            combine(4)
            combine(id.high)
            combine(id.low)
        }
    }

    private mutating func combine(bytes: [UInt8]) {
        combine(UInt64(bytes.count))
        for byte in bytes { combine(byte: byte) }
    }
}
