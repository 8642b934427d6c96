package import JSON

/// Writes stores and orders: one change at a time, or in bulk. `Tests/StorageContract` tests every clause with each
/// implementation.
///
/// ``ChangePlan`` plans the effect of changes; a storage looks up what is known and applies the plan, in a single transaction.
/// Every method throws only ``StorageFailure``.
package protocol OrderWriting: StoreStorage {
    /// The current merchant's orders, on which changes can be based, one for each name; `nil` for one that the store does not have.
    func currentOrders(_ names: [OrderName], in storeID: StoreID) async throws -> [CurrentOrder?]

    /// A customer of a store; `nil` if the store has none of that id.
    func customer(_ id: CustomerID, in storeID: StoreID) async throws -> JSON?

    /// The customer of a store who has an address or, if none is given, a phone number: the one who signs in with it, else the one who was there first.
    /// `nil` if the store has no such customer.
    func customer(with email: EmailAddress?, or phone: PhoneNumber?, in storeID: StoreID) async throws -> JSON?

    /// The ids of a store's orders on a page of its merchant's list, newest first, and whether there are others on either side.
    func list(_ page: PageRequest, of storeID: StoreID, where filter: OrderFilter) async throws -> MerchantPage

    /// The ids of all stores, in ascending order.
    func storeIDs() async throws -> [StoreID]

    /// A store's orders after an id, ordered by id; at most `limit`.
    func orders(of storeID: StoreID, after id: OrderID?, limit: Int) async throws -> [StoredMerchantOrder]

    /// Writes changes of a few orders in one transaction, each with its customer, keys and events, and the answer to the request.
    /// It returns after the transaction is on disk, which it may share with others. A refused change leaves no trace.
    func write(_ write: OrderWrite) async throws -> OrderWriteResult

    /// Begins an import of stores and orders.
    /// - Parameter allOrNothing: whether nothing becomes visible or permanent before the import is committed.
    func beginImport(allOrNothing: Bool) async throws -> any StorageImport

    /// Prepares for orders of the coming months. Call it at the start and from time to time.
    func prepareAhead(of time: Timestamp) async throws
}

extension OrderWriting {
    /// The current merchant's order, on which a change can be based; `nil` if the store has no such order.
    package func currentOrder(_ name: OrderName, in storeID: StoreID) async throws -> CurrentOrder? {
        try await currentOrders([name], in: storeID)[0]
    }

    /// Writes changes that no request asks for.
    /// - Returns: the outcome of each change, in order.
    package func write(_ changes: [OrderChange], allOrNothing: Bool, at time: Timestamp) async throws -> [WriteOutcome] {
        guard case .written(let outcomes) = try await write(OrderWrite(changes, allOrNothing: allOrNothing, at: time)) else {
            return []
        }
        return outcomes
    }
}

/// An import in progress. Each batch is one transaction or several; with `allOrNothing`, all batches share one.
package protocol StorageImport: Sendable {
    /// Writes stores. Each replaces the stored one, unless that is the same.
    func write(_ stores: [MerchantStore], at time: Timestamp) async throws -> [WriteOutcome]

    /// The ids of migrated orders that are already stored, by their legacy ids.
    func orderIDs(of legacyIDs: [LegacyOrderID], in storeID: StoreID) async throws -> [LegacyOrderID: OrderID]

    /// Starts to prepare for orders with these ids, possibly while others are being written. Writing them waits until the
    /// preparation is done.
    func prepare(for ids: [OrderID])

    /// Writes orders with their customers, keys and events, as ``OrderWriting/write(_:)`` does.
    func write(_ changes: [OrderChange], at time: Timestamp) async throws -> [WriteOutcome]

    /// Ends the import and keeps what was written.
    func commit() async throws

    /// Ends the import. With `allOrNothing`, nothing that was written is kept.
    func rollback() async throws
}

/// A complete storage of orders, which both databases implement.
package protocol OrderStorage: OrderReading, OrderWriting, OrderEvents {}
