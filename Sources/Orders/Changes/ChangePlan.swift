/// The effect of order changes on a storage, planned before anything is written: as if they were made one after another.
///
/// Only this decides it: for both databases, for imports and for single changes. It is a pure function of what is known.
package struct ChangePlan: Sendable {
    package private(set) var changes = PlannedChanges()

    private var known: KnownOrders
    private let stored: (customers: Set<Buyer>, orders: Set<OrderKey>)

    /// A plan of nothing yet.
    package init(known: KnownOrders) {
        self.known = known
        stored = (Set(known.customers.keys), Set(known.orders.keys))
    }

    /// Plans changes that are made after the planned ones.
    /// - Parameter allOrNothing: whether to plan none of them if any is refused.
    /// - Returns: the outcome of each.
    package mutating func add(_ added: [OrderChange], allOrNothing: Bool = false, at time: Timestamp) -> [WriteOutcome] {
        let before = allOrNothing && added.count > 1 ? self : nil
        let outcomes = added.map { add($0, at: time) }
        if let before, outcomes.contains(where: \.isRefused) { self = before }
        return outcomes
    }

    private mutating func add(_ change: OrderChange, at time: Timestamp) -> WriteOutcome {
        let order = change.after
        let key = change.key
        let before = known.orders[key]
        if let refusal = refusal(of: change, before) { return .refused(refusal) }
        if let address = change.newAddress { known.addresses.insert(address) }
        add(order.customer, order.buyer, at: time)
        if let before, case .older = change.before, !order.lastUpdatedAt.isNewer(than: before.lastUpdatedAt) {
            guard order.lastUpdatedAt?.microseconds == before.lastUpdatedAt, let content = before.content else {
                return .unchanged
            }
            return known.isContent(content, of: change) ? .unchanged : .kept
        }
        if let before, stored.orders.contains(key), changes.replaced[key] == nil { changes.replaced[key] = before.customerID }
        moveKeys(of: change, before)
        let version = OrderVersion.next(after: before?.version, at: time)
        let lastEvent = addEvents(of: change, key, before, version, at: time)
        changes.orders[key] = (change, version)
        if change.document != nil { changes.facets.insert(OrderFacet(of: order)) }
        known.orders[key] = KnownOrders.Order(
            customerID: order.customer.id, status: order.status, paymentStatus: order.paymentStatus,
            lastUpdatedAt: order.lastUpdatedAt?.microseconds, secretSlug: order.secretSlug, version: version,
            isDeleted: change.document == nil, lastEvent: lastEvent,
            content: nil
        )
        return before == nil ? .created : .replaced
    }

    private func refusal(of change: OrderChange, _ before: KnownOrders.Order?) -> Refusal? {
        let order = change.after
        guard known.stores[order.storeID] != nil else { return .unknownStore }
        switch change.before {
        case .older, .any: break
        case .nothing: if before != nil { return .changedConcurrently }
        case .order(let expected): if before?.version != expected.version { return .changedConcurrently }
        }
        if case .legacy(let legacyID) = order.reference,
            let holder = known.keys[LookupKey(.legacyID, String(legacyID.number), in: order.storeID)], holder != change.id
        {
            return .importedConcurrently
        }
        if let holder = known.keys[LookupKey(.secretSlug, order.secretSlug, in: order.storeID)], holder != change.id {
            return .slugTaken
        }
        if change.claimsNumber, let key = order.numberKey, let holder = known.keys[key], holder != change.id {
            return .numberTaken
        }
        if let address = change.newAddress, known.addresses.contains(address) { return .customerMadeConcurrently }
        return nil
    }

    private mutating func add(_ customer: MerchantCustomer, _ key: Buyer, at time: Timestamp) {
        let before = known.customers[key]
        if let before, !customer.lastUpdatedAt.isNewer(than: before.lastUpdatedAt) { return }
        let version = OrderVersion.next(after: before?.version, at: time)
        if stored.customers.contains(key) { changes.replacedCustomers.insert(key) }
        changes.customers[key] = (before?.proven.map { customer.keeping($0) } ?? customer, version)
        known.customers[key] = KnownOrders.Customer(
            version: version, lastUpdatedAt: customer.lastUpdatedAt?.microseconds, proven: before?.proven)
    }

    /// A slug may move from one order to another; a legacy id stays with its order, and so does the merchant's number.
    private mutating func moveKeys(of change: OrderChange, _ before: KnownOrders.Order?) {
        let order = change.after
        let keepsSlug = before?.secretSlug.utf8.elementsEqual(order.secretSlug.utf8) ?? false
        if let before, !keepsSlug { remove(LookupKey(.secretSlug, before.secretSlug, in: order.storeID)) }
        if !keepsSlug { add(LookupKey(.secretSlug, order.secretSlug, in: order.storeID), of: change.id) }
        if before == nil, case .legacy(let legacyID) = order.reference {
            add(LookupKey(.legacyID, String(legacyID.number), in: order.storeID), of: change.id)
        }
        if let key = order.numberKey, known.keys[key] == nil { add(key, of: change.id) }
    }

    private mutating func add(_ key: LookupKey, of id: OrderID) {
        guard known.keys.updateValue(id, forKey: key) != id else { return }
        changes.addedKeys[key] = id
    }

    private mutating func remove(_ key: LookupKey) {
        known.keys[key] = nil
        if changes.addedKeys.removeValue(forKey: key) == nil { changes.removedKeys.insert(key) }
    }

    /// Adds an event for each status that changes, and an update event for any other change. Replacing a whole order is also an
    /// update, because its merchant may have changed anything. An order that comes back after it was deleted is created again.
    /// - Returns: the number of the order's last event.
    private mutating func addEvents(
        of change: OrderChange, _ key: OrderKey, _ before: KnownOrders.Order?, _ version: Int64, at time: Timestamp
    ) -> Int64 {
        let visible = before.flatMap { $0.isDeleted ? nil : $0 }
        let status = OrderEvent.Transition(from: visible?.status, to: change.after.status)
        let paymentStatus = OrderEvent.Transition(from: visible?.paymentStatus, to: change.after.paymentStatus)
        var number = before?.lastEvent ?? 0
        func append(
            _ kind: OrderEvent.Kind, _ status: OrderEvent.Transition<OrderStatus>? = nil,
            _ paymentStatus: OrderEvent.Transition<PaymentStatus>? = nil
        ) {
            number += 1
            changes.events.append(
                PlannedChanges.Event(
                    order: key, number: number, kind: kind, status: status, paymentStatus: paymentStatus, version: version,
                    actor: change.actor, at: time))
        }
        guard change.document != nil else {
            append(.deleted)
            return number
        }
        guard visible != nil else {
            append(.created, status, paymentStatus.to == nil ? nil : paymentStatus)
            return number
        }
        let (movesStatus, movesPayment) = (status.from != status.to, paymentStatus.from != paymentStatus.to)
        let isWhole =
            switch change.before {
            case .older, .any: true
            case .nothing, .order: false
            }
        if isWhole || !movesStatus && !movesPayment { append(.updated) }
        if movesStatus { append(.statusChanged, status) }
        if movesPayment { append(.paymentStatusChanged, nil, paymentStatus) }
        return number
    }
}
