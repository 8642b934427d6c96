/// Reads buyers' orders. `Tests/StorageContract` holds each implementation to every clause.
///
/// Every method throws ``StorageFailure``, and nothing else.
package protocol OrderReading: Sendable {
    /// Reads the version of a buyer's order without touching the order itself; `nil` if the buyer has no such order.
    /// - Parameter receive: called once: before this returns, on the calling thread, or later on another one. It must not block.
    func readVersion(
        of reference: OrderReference, for buyer: Buyer,
        receive: @escaping @Sendable (Result<OrderVersion?, StorageFailure>) -> Void)

    /// Reads a buyer's order; `nil` if the buyer has no such order.
    /// - Parameter receive: called once: before this returns, on the calling thread, or later on another one. It must not block.
    func readOrder(
        _ reference: OrderReference, for buyer: Buyer,
        receive: @escaping @Sendable (Result<StoredOrder?, StorageFailure>) -> Void)

    /// The ids and versions of the orders on a page, without touching the orders themselves.
    func outline(of page: PageRequest, for buyer: Buyer) async throws -> PageOutline

    /// A page of a buyer's orders, newest first, as of one moment.
    func page(_ page: PageRequest, for buyer: Buyer) async throws -> StoredPage

    /// The ids of a store's customers with this e-mail address, in ascending order: mostly one or none.
    func customers(of storeID: StoreID, with email: EmailAddress) async throws -> [CustomerID]

    /// The other customers of the store who have the e-mail address that a buyer has proven, in ascending order of their ids, and no more than a
    /// hundred: mostly none.
    func others(sharingAddressWith buyer: Buyer) async throws -> [Buyer]

    /// Whether the store has a customer of that id.
    func hasCustomer(_ buyer: Buyer) async throws -> Bool

    /// Whether there is such a store.
    func hasStore(_ storeID: StoreID) async throws -> Bool

    /// Whether the storage holds no store, and so nothing at all.
    func isEmpty() async throws -> Bool

    /// Returns once all reads see what was committed before, on every server that reads are sent to.
    func settle() async

    /// Returns if the storage can answer, throws if it can't.
    func check() async throws
}
