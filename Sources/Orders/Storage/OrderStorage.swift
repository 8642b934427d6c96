/// Where orders are kept. What each implementation must do is written down clause by clause in `Tests/StorageContract`.
///
/// Every method throws ``StorageFailure`` where the storage can't do its work, and nothing else.
package protocol OrderStorage: Sendable {
    /// Reads the version of a buyer's order without touching the order itself; `nil` where the buyer has no such order.
    /// - Parameter receive: called once: before this returns, on the calling thread, or later on another one. It must not block.
    func readVersion(
        of reference: OrderReference, for buyer: Buyer,
        receive: @escaping @Sendable (Result<OrderVersion?, StorageFailure>) -> Void)

    /// Reads a buyer's order; `nil` where the buyer has no such order.
    /// - Parameter receive: called once: before this returns, on the calling thread, or later on another one. It must not block.
    func readOrder(
        _ reference: OrderReference, for buyer: Buyer,
        receive: @escaping @Sendable (Result<StoredOrder?, StorageFailure>) -> Void)

    /// Which orders stand on a page of a buyer's orders, in their versions, without touching the orders themselves.
    func outline(of page: PageRequest, for buyer: Buyer) async throws -> PageOutline

    /// A page of a buyer's orders, newest first, as of one moment.
    func page(_ page: PageRequest, for buyer: Buyer) async throws -> StoredPage

    /// The ids of the customers of a store with an address, in ascending order: mostly one or none.
    func customers(of storeID: StoreID, with email: EmailAddress) async throws -> [CustomerID]

    /// Whether the store has a customer of that id.
    func hasCustomer(_ buyer: Buyer) async throws -> Bool

    /// Whether nothing was taken in yet, no store even.
    func isEmpty() async throws -> Bool

    /// Whether there is such a store.
    func hasStore(_ storeID: StoreID) async throws -> Bool

    /// Begins to take in stores and orders.
    /// - Parameter allOrNothing: whether nothing is to be seen, and nothing to be kept, before the end.
    func beginImport(allOrNothing: Bool) async throws -> any StorageImport

    /// Makes ready what orders of the coming months need; to be called at the start and now and then.
    func prepareAhead(of time: Timestamp) async throws

    /// Returns where the storage can answer, throws where it can't.
    func check() async throws
}

extension OrderStorage {
    /// The version of a buyer's order; `nil` where the buyer has no such order.
    package func version(of reference: OrderReference, for buyer: Buyer) async throws -> OrderVersion? {
        try await withCheckedThrowingContinuation { continuation in
            readVersion(of: reference, for: buyer) { continuation.resume(with: $0) }
        }
    }

    /// A buyer's order; `nil` where the buyer has no such order.
    package func order(_ reference: OrderReference, for buyer: Buyer) async throws -> StoredOrder? {
        try await withCheckedThrowingContinuation { continuation in
            readOrder(reference, for: buyer) { continuation.resume(with: $0) }
        }
    }
}

/// Takes in stores and orders. Each batch is written in one transaction; with `allOrNothing` all batches share one.
package protocol StorageImport: Sendable {
    /// Writes stores; each replaces what was known of it.
    func write(_ stores: [MerchantStore], at time: Timestamp) async throws -> [WriteOutcome]

    /// The ids that migrated orders have already, by the integers they had before.
    func orderIDs(of legacyIDs: [LegacyOrderID], in storeID: StoreID) async throws -> [LegacyOrderID: OrderID]

    /// Begins to make ready what orders of these ids need, while others are written perhaps; to write them waits for it.
    func prepare(for ids: [OrderID])

    /// Writes orders with their customers, keys and events.
    ///
    /// An order or a customer replaces what is stored only where its `lastUpdatedAt` is newer; one without it is the oldest of all.
    /// - Returns: the outcome for each order, in their order. A refused one has left no trace.
    func write(_ orders: [OrderWrite], at time: Timestamp) async throws -> [WriteOutcome]

    /// Ends the import and keeps what was written.
    func commit() async throws

    /// Ends the import; with `allOrNothing`, nothing that was written is kept.
    func rollback() async throws
}

/// An order ready to be written: the merchant's, and the buyer's made from it.
///
/// A class, as it passes through many hands: to hand it on is then to count one reference.
package final class OrderWrite: Sendable {
    package let id: OrderID
    package let order: MerchantOrder
    package let document: OrderDocument

    package init(id: OrderID, order: MerchantOrder, document: OrderDocument) {
        self.id = id
        self.order = order
        self.document = document
    }
}

/// What became of a store or an order that was to be written.
package enum WriteOutcome: Equatable, Sendable {
    case created, replaced
    /// It was there already, as new as this or newer.
    case unchanged
    case refused(Refusal)
}
