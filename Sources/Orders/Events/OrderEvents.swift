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

    /// The position of a store's last event; 0 if there is none.
    func lastPosition(of storeID: StoreID) async throws -> Int64
}
