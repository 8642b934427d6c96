/// Reads the events of orders. `Tests/StorageContract` tests every clause with each implementation.
///
/// Every method throws only ``StorageFailure``.
package protocol OrderEvents: Sendable {
    /// The events of a store after a position, ordered by position; at most `limit`.
    ///
    /// No event ever appears at or before a position that was already returned, so a reader that continues from the last one
    /// misses nothing.
    func events(of storeID: StoreID, after position: Int64, limit: Int) async throws -> [OrderEvent]

    /// The events of one order after a number, ordered by number; at most `limit`.
    func events(of orderID: OrderID, in storeID: StoreID, after number: Int64, limit: Int) async throws -> [OrderEvent]

    /// Events by their orders and numbers, in that order; `nil` where there is none.
    func events(_ names: [(orderID: OrderID, number: Int64)], in storeID: StoreID) async throws -> [OrderEvent?]

    /// The position of a store's last event before a time; 0 if there is none. Events have the times of the servers that wrote them, whose clocks may
    /// differ a little.
    func position(of storeID: StoreID, before time: Timestamp) async throws -> Int64

    /// The events of a store after a position that are of some customers' orders, deleted ones too, ordered by position; at most `limit`.
    func events(
        of customers: Set<CustomerID>, in storeID: StoreID, after position: Int64, limit: Int
    ) async throws -> [OrderEvent]

    /// The customers of a store's orders; orders that the store does not have are left out.
    func customers(of orders: Set<OrderID>, in storeID: StoreID) async throws -> [OrderID: CustomerID]

    /// The position of a store's last event; 0 if there is none.
    func lastPosition(of storeID: StoreID) async throws -> Int64

    /// The same for several stores, in the time of one.
    func lastPositions(of stores: [StoreID]) async throws -> [StoreID: Int64]
}
