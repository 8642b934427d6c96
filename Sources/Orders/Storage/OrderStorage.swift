/// Where orders are kept. What each implementation must do is written down clause by clause in `Tests/StorageContract`.
///
/// Every method throws ``StorageFailure`` where the storage can't do its work, and nothing else.
package protocol OrderStorage: Sendable {
    /// The version of a buyer's order, without touching the order itself; `nil` where the buyer has no such order.
    func version(of reference: OrderReference, for buyer: Buyer) async throws -> OrderVersion?

    /// A buyer's order; `nil` where the buyer has no such order.
    func order(_ reference: OrderReference, for buyer: Buyer) async throws -> StoredOrder?

    /// Which orders stand on a page of a buyer's orders, in their versions, without touching the orders themselves.
    func outline(of page: PageRequest, for buyer: Buyer) async throws -> PageOutline

    /// A page of a buyer's orders, newest first, as of one moment.
    func page(_ page: PageRequest, for buyer: Buyer) async throws -> StoredPage

    /// The ids of the customers of a store with an address, in ascending order: mostly one or none.
    func customers(of storeID: StoreID, with email: EmailAddress) async throws -> [CustomerID]

    /// Whether the store has a customer of that id.
    func hasCustomer(_ buyer: Buyer) async throws -> Bool

    /// Whether there is such a store.
    func hasStore(_ storeID: StoreID) async throws -> Bool

    /// Begins to take in stores and orders.
    /// - Parameter allOrNothing: whether nothing is to be seen, and nothing to be kept, before the end.
    func beginImport(allOrNothing: Bool) async throws -> any StorageImport

    /// Returns where the storage can answer, throws where it can't.
    func check() async throws
}

/// A storage that can read an order at once, on the thread that asks: nothing to wait for but, at worst, a disk.
package protocol ImmediateOrderStorage: OrderStorage {
    /// What `version(of:for:)` returns.
    func versionNow(of reference: OrderReference, for buyer: Buyer) throws -> OrderVersion?

    /// What `order(_:for:)` returns.
    func orderNow(_ reference: OrderReference, for buyer: Buyer) throws -> StoredOrder?
}

extension ImmediateOrderStorage {
    package func version(of reference: OrderReference, for buyer: Buyer) async throws -> OrderVersion? {
        try versionNow(of: reference, for: buyer)
    }

    package func order(_ reference: OrderReference, for buyer: Buyer) async throws -> StoredOrder? {
        try orderNow(reference, for: buyer)
    }
}

/// Takes in stores and orders. Each batch is written in one transaction; with `allOrNothing` all batches share one.
package protocol StorageImport: Sendable {
    /// Writes stores; each replaces what was known of it.
    func write(_ stores: [MerchantStore], at time: Timestamp) async throws -> [WriteOutcome]

    /// The ids that migrated orders have already, by the integers they had before.
    func orderIDs(of legacyIDs: [LegacyOrderID], in storeID: StoreID) async throws -> [LegacyOrderID: OrderID]

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
package struct OrderWrite: Sendable {
    package let id: OrderID
    package let order: MerchantOrder
    /// The merchant's order as JSON.
    package let merchantDocument: [UInt8]
    package let document: OrderDocument

    package init(id: OrderID, order: MerchantOrder, merchantDocument: [UInt8], document: OrderDocument) {
        self.id = id
        self.order = order
        self.merchantDocument = merchantDocument
        self.document = document
    }
}

extension Refusal {
    /// Another import gave a migrated order its id at the same time: to be written again under that id.
    package static let takenInMeanwhile = Refusal("id", "was taken in by another import at the same time: import it again")
}

/// What became of a store or an order that was to be written.
package enum WriteOutcome: Equatable, Sendable {
    case created, replaced
    /// It was there already, as new as this or newer.
    case unchanged
    case refused(Refusal)
}
