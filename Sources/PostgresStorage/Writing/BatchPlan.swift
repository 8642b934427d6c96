import Orders

/// What a batch of orders does to the database, worked out before anything is written: as if its orders were written one after the other.
struct BatchPlan {
    typealias CustomerKey = BatchChanges.CustomerKey
    typealias OrderKey = BatchChanges.OrderKey
    typealias Key = BatchChanges.Key

    struct KnownOrder {
        var customerID: CustomerID
        var lastUpdatedAt: Int64?
        var secretSlug: String
        var version: Int64
        /// The number of its last event.
        var lastEvent: Int64
    }

    struct KnownCustomer {
        var version: Int64
        var lastUpdatedAt: Int64?
        /// What the customer has proven, where they have signed in.
        var proven: ProvenCustomer?
    }

    /// What the database has of all that the batch is about.
    struct Known {
        var stores: Set<StoreID> = []
        var customers: [CustomerKey: KnownCustomer] = [:]
        var orders: [OrderKey: KnownOrder] = [:]
        var keys: [Key: OrderID] = [:]
    }

    /// For each order what becomes of it.
    private(set) var outcomes: [WriteOutcome] = []
    private(set) var changes = BatchChanges()

    private var known: Known
    private let stored: (customers: Set<CustomerKey>, orders: Set<OrderKey>)
    private let time: Timestamp

    init(_ writes: [OrderWrite], known: Known, at time: Timestamp) {
        self.known = known
        stored = (Set(known.customers.keys), Set(known.orders.keys))
        self.time = time
        for write in writes { outcomes.append(add(write)) }
    }

    private mutating func add(_ write: OrderWrite) -> WriteOutcome {
        let order = write.order
        if let refusal = refusal(of: write) { return .refused(refusal) }
        add(order.customer, of: order.storeID)
        let key = OrderKey(storeID: order.storeID, id: write.id)
        let before = known.orders[key]
        let keepsSlug = before?.secretSlug.utf8.elementsEqual(order.secretSlug.utf8) ?? false
        if let before {
            guard order.lastUpdatedAt.isNewer(than: before.lastUpdatedAt) else { return .unchanged }
            if stored.orders.contains(key), changes.replaced[key] == nil { changes.replaced[key] = before.customerID }
            if !keepsSlug { remove(Key(.secretSlug, before.secretSlug, in: order.storeID)) }
        }
        if !keepsSlug { add(.secretSlug, order.secretSlug, of: write) }
        if before == nil, case .legacy(let legacyID) = order.reference { add(.legacyID, String(legacyID.number), of: write) }
        let version = nextVersion(after: before?.version)
        let event = BatchChanges.Event(
            order: key, number: (before?.lastEvent ?? 0) + 1, kind: before == nil ? "order.created" : "order.updated")
        changes.events.append(event)
        changes.orders[key] = (write, version)
        known.orders[key] = KnownOrder(
            customerID: order.customer.id, lastUpdatedAt: order.lastUpdatedAt?.microseconds, secretSlug: order.secretSlug,
            version: version, lastEvent: event.number)
        return before == nil ? .created : .replaced
    }

    private func refusal(of write: OrderWrite) -> Refusal? {
        let order = write.order
        guard known.stores.contains(order.storeID) else { return .unknownStore }
        if case .legacy(let legacyID) = order.reference,
            let holder = known.keys[Key(.legacyID, String(legacyID.number), in: order.storeID)],
            holder != write.id
        {
            return .takenInMeanwhile
        }
        if let holder = known.keys[Key(.secretSlug, order.secretSlug, in: order.storeID)], holder != write.id {
            return .slugTaken
        }
        return nil
    }

    private mutating func add(_ customer: MerchantCustomer, of storeID: StoreID) {
        let key = CustomerKey(storeID: storeID, id: customer.id)
        let before = known.customers[key]
        if let before, !customer.lastUpdatedAt.isNewer(than: before.lastUpdatedAt) { return }
        let version = nextVersion(after: before?.version)
        if stored.customers.contains(key) { changes.replacedCustomers.insert(key) }
        changes.customers[key] = (before?.proven.map { customer.keeping($0) } ?? customer, version)
        known.customers[key] = KnownCustomer(
            version: version, lastUpdatedAt: customer.lastUpdatedAt?.microseconds, proven: before?.proven)
    }

    private mutating func add(_ kind: OrderKeyKind, _ text: String, of write: OrderWrite) {
        let key = Key(kind, text, in: write.order.storeID)
        guard known.keys.updateValue(write.id, forKey: key) != write.id else { return }
        changes.addedKeys[key] = write.id
    }

    private mutating func remove(_ key: Key) {
        known.keys[key] = nil
        if changes.addedKeys.removeValue(forKey: key) == nil { changes.removedKeys.insert(key) }
    }

    private func nextVersion(after version: Int64?) -> Int64 { OrderVersion.next(after: version, at: time) }
}
