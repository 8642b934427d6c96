import Orders

/// A statement's parameters as it is written. The first one is the store.
struct ListQuery {
    private(set) var values: [StoredValue]

    init(_ storeID: StoreID) { values = [.text(storeID.text)] }

    mutating func bind(_ value: StoredValue) -> String {
        values.append(value)
        return "$\(values.count)"
    }

    /// The condition that a text begins with another one, as a range, for which an index serves.
    mutating func begins(_ column: String, with text: String) -> String {
        // The last character of Unicode is not in a text.
        "\(column) >= \(bind(.text(text))) AND \(column) < \(bind(.text(text + "\u{10FFFF}")))"
    }

    mutating func condition(of time: OrderFilter.Time, _ span: OrderFilter.Span) -> String {
        let column = "\(time.rawValue)_time"
        var conditions = ["\(column) IS NOT NULL"]
        if let since = span.since { conditions.append("\(column) >= \(bind(.time(since)))") }
        if let until = span.until { conditions.append("\(column) <= \(bind(.time(until)))") }
        return conditions.joined(separator: " AND ")
    }

    mutating func condition(_ column: String, of customers: Set<CustomerID>) -> String {
        let ids = customers.sorted { $0.number < $1.number }.map { bind(.integer($0.number)) }
        return ids.isEmpty ? "1 = 0" : "\(column) IN (\(ids.joined(separator: ", ")))"
    }

    mutating func facetConditions(of filter: OrderFilter) -> [String] {
        var conditions: [String] = []
        if let status = filter.status { conditions.append("e.status = \(bind(.text(status.rawValue)))") }
        if let status = filter.paymentStatus {
            let statuses = status == .paid && filter.countsSettledAsPaid ? [status, .settled] : [status]
            let values = statuses.map { bind(.text($0.rawValue)) }
            conditions.append("e.payment_status IN (\(values.joined(separator: ", ")))")
        }
        if let method = filter.paymentMethod {
            conditions.append("e.payment_method = \(bind(.text(OrderEntry.searchable(method) ?? "")))")
        }
        for method in filter.excludedPaymentMethods.sorted() { conditions.append("e.payment_method <> \(bind(.text(method)))") }
        return conditions
    }

    mutating func conditions(of filter: OrderFilter, exceptFacets: Bool) -> [String] {
        var conditions = exceptFacets ? [] : facetConditions(of: filter)
        if let customers = filter.customers { conditions.append(condition("e.customer_id", of: customers)) }
        for (time, span) in filter.spans.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            conditions.append(condition(of: time, span))
        }
        // An order's id has the time at which it was created, to the millisecond.
        if let until = filter.created.until {
            // No id has a time before 1970.
            conditions.append(OrderID(after: until).map { "e.id < \(bind(.orderID($0.uuid)))" } ?? "1 = 0")
        }
        if let since = filter.created.since, let id = OrderID(after: Timestamp(microseconds: since.microseconds - 1000)) {
            conditions.append("e.id >= \(bind(.orderID(id.uuid)))")
        }
        if let externalID = filter.externalID {
            conditions.append("e.external_id = \(bind(.text(OrderEntry.searchable(externalID) ?? "")))")
        }
        return conditions
    }
}
