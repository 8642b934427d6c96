package import Orders
import SQLStorage
import Synchronization

extension PostgresStorage {
    package func readVersion(
        of reference: OrderReference, for buyer: Buyer,
        receive: @escaping @Sendable (Result<OrderVersion?, StorageFailure>) -> Void
    ) {
        let reading = OrderReading(self, reference, buyer)
        reading.recent(orElse: { reading.version(receive: receive) }, receive: { receive($0.map(\.version)) })
    }

    package func readOrder(
        _ reference: OrderReference, for buyer: Buyer,
        receive: @escaping @Sendable (Result<StoredOrder?, StorageFailure>) -> Void
    ) {
        let reading = OrderReading(self, reference, buyer)
        reading.recent(orElse: { reading.order(receive: receive) }, receive: { receive($0.map { $0 }) })
    }

    package func outline(of page: PageRequest, for buyer: Buyer) async throws -> PageOutline {
        try await self.page(page, for: buyer, withDocuments: false).outline
    }

    package func page(_ page: PageRequest, for buyer: Buyer) async throws -> StoredPage {
        try await self.page(page, for: buyer, withDocuments: true)
    }

    private func page(_ page: PageRequest, for buyer: Buyer, withDocuments: Bool) async throws -> StoredPage {
        let (direction, start): (ReadStatement.Page, UUIDBytes) =
            switch page.position {
            case .newest: (.older, UUIDBytes(high: .max, low: .max))
            case .olderThan(let id): (.older, id.uuid)
            case .newerThan(let id): (.newer, id.uuid)
            }
        let parameters: [PostgresValue] = [
            .text(buyer.storeID.text), .integer(buyer.customerID.number), .uuid(start), .integer(Int64(page.size + 1)),
        ]
        return try await read(.page(direction, withDocuments: withDocuments), parameters) { rows throws(StorageFailure) in
            try StoredPage(rows, direction, size: page.size, of: buyer)
        }
    }

    package func customers(of storeID: StoreID, with email: EmailAddress) async throws -> [CustomerID] {
        try await read(.customers, [.text(storeID.text), .text(email.text)]) { $0.rows.map { CustomerID($0.integer(0)) } }
    }

    package func others(sharingAddressWith buyer: Buyer) async throws -> [Buyer] {
        try await read(.others, [.text(buyer.storeID.text), .integer(buyer.customerID.number)]) {
            $0.rows.map { Buyer(storeID: buyer.storeID, customerID: CustomerID($0.integer(0))) }
        }
    }

    package func hasCustomer(_ buyer: Buyer) async throws -> Bool {
        try await read(.hasCustomer, [.text(buyer.storeID.text), .integer(buyer.customerID.number)]) { $0[0].bool(0) }
    }

    package func isEmpty() async throws -> Bool {
        try await read(.hasAnyStore, []) { !$0[0].bool(0) }
    }

    package func hasStore(_ storeID: StoreID) async throws -> Bool {
        try await read(.hasStore, [.text(storeID.text)]) { $0[0].bool(0) }
    }

    /// The ids that migrated orders have on the primary.
    func orderIDs(of legacyIDs: [LegacyOrderID], in storeID: StoreID) async throws -> [LegacyOrderID: OrderID] {
        let keys = PostgresValue.texts(legacyIDs.map { String($0.number) })
        return try await read(.legacyIDs, [.text(storeID.text), keys], from: .primary) { rows throws(StorageFailure) in
            try rows.legacyOrderIDs()
        }
    }

    func read<Value: Sendable>(
        _ statement: ReadStatement, _ parameters: [PostgresValue], from target: ReadQuestion.Target = .any,
        _ decode: @escaping @Sendable (PostgresResult) throws(StorageFailure) -> Value
    ) async throws -> Value {
        let rows = try await withCheckedThrowingContinuation { continuation in
            reads.submit(ReadQuestion.Lookup(statement: statement, parameters: parameters, target: target)) {
                continuation.resume(with: $0.mapError { StorageFailure($0) })
            }
        }
        return try decode(rows)
    }
}

/// The lookups needed to read one order, which share one deadline.
private struct OrderReading: Sendable {
    private let storage: PostgresStorage
    private let reference: OrderReference
    private let buyer: Buyer
    private let deadline = ContinuousClock.now + ReadQuestion.patience

    init(_ storage: PostgresStorage, _ reference: OrderReference, _ buyer: Buyer) {
        self.storage = storage
        self.reference = reference
        self.buyer = buyer
    }

    /// Returns the cached order if nothing of its store has been written since it was read; otherwise calls `readAnew`.
    func recent(
        orElse readAnew: @escaping @Sendable () -> Void,
        receive: @escaping @Sendable (Result<StoredOrder, StorageFailure>) -> Void
    ) {
        guard storage.recentOrders.order(reference, of: buyer, on: buyer.storeID) != nil else { return readAnew() }
        submit(.storeChange, [.text(buyer.storeID.text)]) { rows in
            switch rows {
            case .success(let rows):
                let order = rows.rows.first.flatMap {
                    storage.recentOrders.order(reference, of: buyer, on: buyer.storeID, at: $0.integer(0))
                }
                if let order { receive(.success(order)) } else { readAnew() }
            case .failure(let error): receive(.failure(StorageFailure(error)))
            }
        }
    }

    func version(receive: @escaping @Sendable (Result<OrderVersion?, StorageFailure>) -> Void) {
        run(ReadStatement.version, { $1.orderVersion }, receive: receive)
    }

    func order(receive: @escaping @Sendable (Result<StoredOrder?, StorageFailure>) -> Void) {
        let decode = { @Sendable (id: OrderID, row: PostgresResult.Row) throws(StorageFailure) in
            let order = try StoredOrder(
                id, of: buyer, version: row.orderVersion, document: row.bytes(3), store: row.bytes(4), customer: row.bytes(5))
            storage.recentOrders.keep(order, at: row.integer(6), reference, of: buyer, on: buyer.storeID)
            return order
        }
        run(ReadStatement.order, decode, receive: receive)
    }

    /// Reads the columns of the order that `statement` selects.
    private func run<Value>(
        _ statement: @escaping @Sendable (OrderPartition?) -> ReadStatement,
        _ decode: @escaping @Sendable (OrderID, PostgresResult.Row) throws(StorageFailure) -> Value,
        receive: @escaping @Sendable (Result<Value?, StorageFailure>) -> Void
    ) {
        switch reference {
        case .id(let id):
            run(id, storage.knownPartition(of: id), statement, decode, receive: receive)
        case .legacy(let legacyID):
            submit(.legacyID, [.text(buyer.storeID.text), .text(String(legacyID.number))]) { rows in
                do {
                    guard let row = try rows.get().rows.first else { return receive(.success(nil)) }
                    let id = try row.orderID(0)
                    run(id, storage.knownPartition(of: id), statement, decode, receive: receive)
                } catch {
                    receive(.failure(StorageFailure(any: error)))
                }
            }
        }
    }

    private func run<Value>(
        _ id: OrderID, _ partition: OrderPartition?, _ statement: @escaping @Sendable (OrderPartition?) -> ReadStatement,
        _ decode: @escaping @Sendable (OrderID, PostgresResult.Row) throws(StorageFailure) -> Value,
        receive: @escaping @Sendable (Result<Value?, StorageFailure>) -> Void
    ) {
        submit(statement(partition), [.text(buyer.storeID.text), .integer(buyer.customerID.number), .uuid(id.uuid)]) { rows in
            switch rows {
            case .success(let rows):
                guard let row = rows.rows.first else { return receive(.success(nil)) }
                // Another process has created the partition.
                if partition == nil { storage.partitions.withLock { _ = $0.insert(OrderPartition(of: id)) } }
                receive(Result { () throws(StorageFailure) in try decode(id, row) })
            case .failure(let error) where error.isMissingTable && partition != nil:
                // Another process has removed the partition.
                storage.partitions.withLock { _ = $0.remove(OrderPartition(of: id)) }
                run(id, nil, statement, decode, receive: receive)
            case .failure(let error):
                receive(.failure(StorageFailure(error)))
            }
        }
    }

    private func submit(
        _ statement: ReadStatement, _ parameters: [PostgresValue],
        receive: @escaping ReadQuestion.Receiver
    ) {
        storage.reads.submit(
            ReadQuestion.Lookup(statement: statement, parameters: parameters), deadline: deadline, receive: receive)
    }
}

extension PostgresError {
    fileprivate var isMissingTable: Bool { state == "42P01" }
}

extension PostgresResult {
    /// The order id of each legacy id, from rows of both.
    func legacyOrderIDs() throws(StorageFailure) -> [LegacyOrderID: OrderID] {
        var ids: [LegacyOrderID: OrderID] = [:]
        for row in rows {
            guard let legacyID = LegacyOrderID(row.text(0)) else { throw .damaged }
            ids[legacyID] = try row.orderID(1)
        }
        return ids
    }
}

extension PostgresResult.Row {
    /// The versions in the first three columns.
    fileprivate var orderVersion: OrderVersion { OrderVersion(order: integer(0), store: integer(1), customer: integer(2)) }
}

extension StoredPage {
    /// - Parameter rows: the rows of ``ReadStatement/page(_:withDocuments:)``, with one order more than the page size if there
    ///   are more.
    fileprivate init(
        _ rows: PostgresResult, _ direction: ReadStatement.Page, size: Int, of buyer: Buyer
    ) throws(StorageFailure) {
        guard rows.rowCount > 0 else {
            self.init(outline: .empty, orders: [])
            return
        }
        let first = rows[0]
        let withDocuments = !first.isNull(3)
        var (store, customer): ([UInt8], [UInt8]) = ([], [])
        if withDocuments {
            store = try StoredDocument.store(buyer.storeID, version: first.integer(1)).opened(first.bytes(3))
            customer = try StoredDocument.customer(buyer, version: first.integer(2)).opened(first.bytes(4))
        }
        var orders: [(id: OrderID, order: StoredOrder)] = []
        for row in rows.rows.dropFirst() {
            let version = OrderVersion(order: row.integer(1), store: first.integer(1), customer: first.integer(2))
            let id = try row.orderID(0)
            let document =
                withDocuments ? try StoredDocument.order(id, of: buyer, version: version.order).opened(row.bytes(3)) : []
            orders.append(
                (
                    id,
                    StoredOrder(version: version, document: OrderDocument(template: document), store: store, customer: customer)
                ))
        }
        orders.sort { direction == .older ? $0.id > $1.id : $0.id < $1.id }
        let goesOn = orders.count > size
        if goesOn { orders.removeLast() }
        let hasOtherSide = first.bool(5)
        if direction == .newer { orders.reverse() }
        self.init(
            outline: PageOutline(
                entries: orders.map { PageOutline.Entry(id: $0.id, version: $0.order.version) },
                hasNext: direction == .older ? goesOn : hasOtherSide,
                hasPrevious: direction == .older ? hasOtherSide : goesOn, isShared: first.bool(6)),
            orders: orders.map(\.order))
    }
}
