import Orders

/// What is to be written to the database: a whole batch of orders, or a part of one.
struct BatchChanges {
    struct CustomerKey: Hashable {
        let storeID: StoreID
        let id: CustomerID

        // A batch is mostly of one store.
        func hash(into hasher: inout Hasher) { hasher.combine(id) }
    }

    struct OrderKey: Hashable {
        let storeID: StoreID
        let id: OrderID

        func hash(into hasher: inout Hasher) { hasher.combine(id) }
    }

    /// What an order may be found by beside its id.
    struct Key: Hashable {
        let storeID: StoreID
        let kind: OrderKeyKind
        /// As UTF-8: the database compares keys by their bytes, where Swift's text has several forms of one letter.
        let bytes: [UInt8]

        init(_ kind: OrderKeyKind, _ text: String, in storeID: StoreID) {
            self.kind = kind
            self.storeID = storeID
            bytes = Array(text.utf8)
        }

        func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
    }

    struct Event {
        let order: OrderKey
        let number: Int64
        let kind: String
    }

    /// The customers to be written, each as it is at the end.
    var customers: [CustomerKey: (customer: MerchantCustomer, version: Int64)] = [:]
    /// Those of them that are in the database already.
    var replacedCustomers: Set<CustomerKey> = []
    /// The orders to be written, each as it is at the end.
    var orders: [OrderKey: (write: OrderWrite, version: Int64)] = [:]
    /// Of the orders that take the place of others, the customers that those had.
    var replaced: [OrderKey: CustomerID] = [:]
    var removedKeys: Set<Key> = []
    var addedKeys: [Key: OrderID] = [:]
    var events: [Event] = []

    /// The stores of which something is written that was there before, so that a server may have it in memory.
    var changedStores: Set<StoreID> { Set(replacedCustomers.map(\.storeID)).union(replaced.keys.map(\.storeID)) }

    /// Two parts of about the same size, that may be written at the same time and each without the other; `nil` where there are none.
    ///
    /// Everything that belongs to one customer is in the same part. The second part only adds what was not there before: so it waits for
    /// nobody, and no server has any of it in memory.
    var halves: (BatchChanges, BatchChanges)? {
        guard orders.count > 1, removedKeys.isEmpty else { return nil }
        let changed = replacedCustomers.union(
            orders.lazy.filter { replaced[$0.key] != nil }.map {
                CustomerKey(storeID: $0.key.storeID, id: $0.value.write.order.customer.id)
            })
        var (first, second) = (BatchChanges(), BatchChanges())
        // The second one a little less, as it has to be on disk before the first one ends.
        var isInSecond: [CustomerKey: Bool] = [:]
        for (key, order) in orders {
            let customer = CustomerKey(storeID: key.storeID, id: order.write.order.customer.id)
            let goesToSecond =
                isInSecond[customer] ?? (!changed.contains(customer) && second.orders.count * 5 < first.orders.count * 4)
            isInSecond[customer] = goesToSecond
            if goesToSecond { second.orders[key] = order } else { first.orders[key] = order }
        }
        guard !second.orders.isEmpty else { return nil }
        for (key, customer) in customers {
            if isInSecond[key] ?? false { second.customers[key] = customer } else { first.customers[key] = customer }
        }
        for (key, id) in addedKeys {
            let isInSecond = second.orders[OrderKey(storeID: key.storeID, id: id)] != nil
            if isInSecond { second.addedKeys[key] = id } else { first.addedKeys[key] = id }
        }
        for event in events {
            if second.orders[event.order] != nil { second.events.append(event) } else { first.events.append(event) }
        }
        (first.replacedCustomers, first.replaced) = (replacedCustomers, replaced)
        return (first, second)
    }
}
