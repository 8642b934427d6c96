/// Reads the events of orders. `Tests/StorageContract` holds each implementation to every clause.
///
/// Every method throws ``StorageFailure``, and nothing else.
package protocol OrderEvents: Sendable {
    /// The events of a store after a position, in the order of their positions: at most `limit`.
    ///
    /// No event ever appears at or before a position that was returned once, so a reader that continues from the last one misses nothing.
    func events(of storeID: StoreID, after position: Int64, limit: Int) async throws -> [OrderEvent]

    /// The events of one order after a number, in the order of their numbers: at most `limit`.
    func events(of orderID: OrderID, in storeID: StoreID, after number: Int64, limit: Int) async throws -> [OrderEvent]

    /// The position of a store's last event; 0 if there is none.
    func lastPosition(of storeID: StoreID) async throws -> Int64
}
