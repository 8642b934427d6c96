import Orders
import SQLStorage

/// The statements that read pages of a buyer's orders, with or without their documents.
struct PageStatements {
    private let withDocuments: Bool
    private let begin: SQLiteStatement
    private let commit: SQLiteStatement
    private let newer: SQLiteStatement
    private let older: SQLiteStatement
    private let hasNewer: SQLiteStatement
    private let hasOlder: SQLiteStatement
    private let buyerParts: SQLiteStatement

    /// - Parameter withDocuments: whether pages contain the orders or only their ids and versions.
    /// - Throws: ``StorageFailure``.
    init(withDocuments: Bool, on connection: OpaquePointer) throws {
        self.withDocuments = withDocuments
        begin = try SQLiteStatement("BEGIN", on: connection)
        commit = try SQLiteStatement("COMMIT", on: connection)
        let from = "FROM order_document WHERE store_id = ?1 AND customer_id = ?2"
        let orders = "SELECT id, version\(withDocuments ? ", document" : "") \(from)"
        newer = try SQLiteStatement("\(orders) AND id > ?3 ORDER BY id LIMIT ?4", on: connection)
        older = try SQLiteStatement("\(orders) AND id < ?3 ORDER BY id DESC LIMIT ?4", on: connection)
        hasNewer = try SQLiteStatement("SELECT EXISTS (SELECT 1 \(from) AND id >= ?3)", on: connection)
        hasOlder = try SQLiteStatement("SELECT EXISTS (SELECT 1 \(from) AND id <= ?3)", on: connection)
        buyerParts = try SQLiteStatement(
            """
            SELECT s.version, c.version, \(SharedAddress.hasOthers)\(withDocuments ? ", s.document, c.document" : "")
            FROM customer c JOIN store s ON s.id = c.store_id WHERE c.store_id = ?1 AND c.id = ?2
            """, on: connection)
    }

    func finalize() {
        for statement in [begin, commit, newer, older, hasNewer, hasOlder, buyerParts] { statement.finalize() }
    }

    /// A consistent page; without documents its orders are empty.
    /// - Throws: ``StorageFailure``.
    func page(_ page: PageRequest, for buyer: Buyer) throws -> StoredPage {
        try begin.run { _ in true }
        defer { try? commit.run { _ in true } }
        var parts: (version: OrderVersion, isShared: Bool, store: [UInt8], customer: [UInt8])?
        try buyerParts.run(.text(buyer.storeID.text), .integer(buyer.customerID.number)) { row in
            let version = OrderVersion(order: 0, store: row.integer(0), customer: row.integer(1))
            parts = (version, row.integer(2) == 1, [], [])
            if withDocuments {
                parts?.store = try StoredDocument.store(buyer.storeID, version: version.store).opened(row.bytes(3))
                parts?.customer = try StoredDocument.customer(buyer, version: version.customer).opened(row.bytes(4))
            }
            return false
        }
        guard let parts else { return StoredPage(outline: .empty, orders: []) }

        var orders: [(id: OrderID, order: StoredOrder)] = []
        let add = { (row: SQLiteRow) throws -> Bool in
            guard let id = UUIDBytes(bytes: row.bytes(0)).flatMap({ OrderID($0) }) else { throw StorageFailure.damaged }
            let version = OrderVersion(order: row.integer(1), store: parts.version.store, customer: parts.version.customer)
            let document =
                withDocuments ? try StoredDocument.order(id, of: buyer, version: version.order).opened(row.bytes(2)) : []
            orders.append(
                (
                    id,
                    StoredOrder(
                        version: version, document: OrderDocument(template: document), store: parts.store,
                        customer: parts.customer)
                ))
            return true
        }
        switch page.position {
        case .newest: try run(older, buyer, from: .last, limit: page.size + 1, read: add)
        case .olderThan(let id): try run(older, buyer, from: id.uuid, limit: page.size + 1, read: add)
        case .newerThan(let id): try run(newer, buyer, from: id.uuid, limit: page.size + 1, read: add)
        }
        let goesOn = orders.count > page.size
        if goesOn { orders.removeLast() }
        var hasNext = goesOn
        var hasPrevious = false
        switch page.position {
        case .newest: break
        case .olderThan(let id): hasPrevious = try holds(hasNewer, buyer, id)
        case .newerThan(let id):
            orders.reverse()
            (hasNext, hasPrevious) = (try holds(hasOlder, buyer, id), goesOn)
        }
        let entries = orders.map { PageOutline.Entry(id: $0.id, version: $0.order.version) }
        return StoredPage(
            outline: PageOutline(entries: entries, hasNext: hasNext, hasPrevious: hasPrevious, isShared: parts.isShared),
            orders: orders.map(\.order))
    }

    private func run(
        _ statement: SQLiteStatement, _ buyer: Buyer, from id: UUIDBytes, limit: Int, read: (SQLiteRow) throws -> Bool
    ) throws {
        try statement.run(
            .text(buyer.storeID.text), .integer(buyer.customerID.number), .uuid(id), .integer(Int64(limit)), read: read)
    }

    private func holds(_ condition: SQLiteStatement, _ buyer: Buyer, _ id: OrderID) throws -> Bool {
        var holds = false
        try condition.run(.text(buyer.storeID.text), .integer(buyer.customerID.number), .uuid(id.uuid)) { row in
            holds = row.integer(0) == 1
            return false
        }
        return holds
    }
}

extension UUIDBytes {
    /// Greater than any other id.
    fileprivate static let last = UUIDBytes(high: .max, low: .max)
}
