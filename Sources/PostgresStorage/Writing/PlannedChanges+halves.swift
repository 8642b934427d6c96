import Orders

extension PlannedChanges {
    /// Two parts of about the same size that can be written at the same time, each without the other; `nil` if the changes can't
    /// be split.
    ///
    /// Everything of one customer is in the same part. The second part contains only additions: it waits for nobody, and no
    /// server has any of it in memory.
    var halves: (PlannedChanges, PlannedChanges)? {
        guard orders.count > 1, removedKeys.isEmpty else { return nil }
        let changed = replacedCustomers.union(
            orders.lazy.filter { replaced[$0.key] != nil }.map {
                $0.value.change.after.buyer
            })
        var (first, second) = (PlannedChanges(), PlannedChanges())
        // The second part is a little smaller, because it must be on disk before the first one ends.
        var isInSecond: [Buyer: Bool] = [:]
        for (key, order) in orders {
            let customer = order.change.after.buyer
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
        // In one part only: two transactions that add the same one wait for each other.
        second.facets = facets
        return (first, second)
    }
}
