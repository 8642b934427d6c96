/// Writes stores and orders: one change at a time, or in bulk. `Tests/StorageContract` holds each implementation to every clause.
///
/// What a change does is planned by ``ChangePlan``; a storage looks up what is known, and applies the plan, in one transaction. Every
/// method throws ``StorageFailure``, and nothing else.
package protocol OrderWriting: Sendable {
    /// The merchant's order as it is now, to be changed; `nil` if the store has no such order.
    func currentOrder(_ reference: OrderReference, in storeID: StoreID) async throws -> CurrentOrder?

    /// Writes changes of a few orders in one transaction, each with its customer, keys and events.
    /// - Parameter allOrNothing: whether nothing is written if one of them is refused.
    /// - Returns: the outcome of each change, in their order. A refused one has left no trace.
    func write(_ changes: [OrderChange], allOrNothing: Bool, at time: Timestamp) async throws -> [WriteOutcome]

    /// Begins an import of stores and orders.
    /// - Parameter allOrNothing: whether nothing is seen, and nothing kept, before its end.
    func beginImport(allOrNothing: Bool) async throws -> any StorageImport

    /// Prepares for orders of the coming months. Call it at the start and now and then.
    func prepareAhead(of time: Timestamp) async throws
}

/// An import under way. Each batch is one transaction; with `allOrNothing` all batches share one.
package protocol StorageImport: Sendable {
    /// Writes stores. Each replaces what was known of it.
    func write(_ stores: [MerchantStore], at time: Timestamp) async throws -> [WriteOutcome]

    /// The ids of migrated orders that are known already, by their legacy ids.
    func orderIDs(of legacyIDs: [LegacyOrderID], in storeID: StoreID) async throws -> [LegacyOrderID: OrderID]

    /// Starts to prepare for orders of these ids, while others are written perhaps. Writing them waits for it.
    func prepare(for ids: [OrderID])

    /// Writes orders with their customers, keys and events, as ``OrderWriting/write(_:allOrNothing:at:)`` does.
    func write(_ changes: [OrderChange], at time: Timestamp) async throws -> [WriteOutcome]

    /// Ends the import and keeps what was written.
    func commit() async throws

    /// Ends the import. With `allOrNothing` nothing that was written is kept.
    func rollback() async throws
}

/// A storage of orders: what both databases are.
package protocol OrderStorage: OrderReading, OrderWriting, OrderEvents {}
