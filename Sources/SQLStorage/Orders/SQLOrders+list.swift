package import Orders

/// The merchant's list of orders.
///
/// An order's place in it is its id, so each filter has to find the newest ids that meet it without looking at many others:
///
/// - A search, a number or a span of time with few orders gives candidates, of which the rest of the filter is asked.
/// - Statuses and payment method: the newest orders of each combination that the store has (``OrderFacet``), merged.
/// - Anything else goes through the orders from the newest on.
extension SQLOrders {
    package func list(_ page: PageRequest, of storeID: StoreID, where filter: OrderFilter) async throws -> MerchantPage {
        let source = try await source(of: filter, in: storeID)
        func ids(_ bound: Bound?, descending: Bool, _ limit: Int) async throws -> [OrderID] {
            try await self.ids(source, filter, in: storeID, bound, descending: descending, limit)
        }
        switch page.position {
        case .newest:
            let found = try await ids(nil, descending: true, page.size + 1)
            return MerchantPage(ids: Array(found.prefix(page.size)), hasNext: found.count > page.size, hasPrevious: false)
        case .olderThan(let id):
            let found = try await ids(Bound("<", id), descending: true, page.size + 1)
            let newer = try await ids(Bound(">=", id), descending: false, 1)
            return MerchantPage(
                ids: Array(found.prefix(page.size)), hasNext: found.count > page.size, hasPrevious: !newer.isEmpty)
        case .newerThan(let id):
            let found = try await ids(Bound(">", id), descending: false, page.size + 1)
            let older = try await ids(Bound("<=", id), descending: true, 1)
            return MerchantPage(
                ids: found.prefix(page.size).reversed(), hasNext: !older.isEmpty, hasPrevious: found.count > page.size)
        }
    }

    private func ids(
        _ source: Source, _ filter: OrderFilter, in storeID: StoreID, _ bound: Bound?, descending: Bool, _ limit: Int
    ) async throws -> [OrderID] {
        var query = Query(storeID)
        let order = "ORDER BY e.id \(descending ? "DESC" : "ASC") LIMIT \(limit)"
        var conditions = query.conditions(of: filter, exceptFacets: source.isFacets)
        if let bound { conditions.append("e.id \(bound.comparison) \(query.bind(.orderID(bound.id.uuid)))") }
        let rest = conditions.map { " AND " + $0 }.joined()
        let sql: String
        switch source {
        case .nothing: return []
        case .all: sql = "SELECT e.id FROM order_entry e WHERE e.store_id = $1\(rest) \(order)"
        case .candidates(let make):
            // The limit keeps the planner from turning the candidates into a condition.
            sql = """
                SELECT e.id FROM (\(make(&query)) LIMIT 1000000) c JOIN order_entry e ON e.store_id = $1 AND e.id = c.id
                WHERE e.store_id = $1\(rest) \(order)
                """
        case .facets(let facets):
            let newest = facets.map { facet in
                """
                SELECT * FROM (SELECT e.id FROM order_entry e WHERE e.store_id = $1 AND e.status = \(query.bind(.text(facet.status)))
                    AND e.payment_status = \(query.bind(.text(facet.paymentStatus)))
                    AND e.payment_method = \(query.bind(.text(facet.paymentMethod)))\(rest) \(order)) e
                """
            }
            sql = "SELECT e.id FROM (\(newest.joined(separator: " UNION ALL "))) e \(order)"
        }
        return try await database.read(sql, query.values).map { row in
            guard let id = OrderID(try row[0].requiredOrderID()) else { throw StorageFailure.damaged }
            return id
        }
    }

    /// How to find the orders of a filter.
    private func source(of filter: OrderFilter, in storeID: StoreID) async throws -> Source {
        if let number = filter.number {
            return .candidates { query in
                "SELECT order_id AS id FROM order_key WHERE store_id = $1 AND kind = 'order_id' AND key = \(query.bind(.text(number)))"
            }
        }
        if let externalID = filter.externalID {
            guard let text = OrderEntry.searchable(externalID) else { return .nothing }
            return .candidates { "SELECT id FROM order_entry WHERE store_id = $1 AND external_id = \($0.bind(.text(text)))" }
        }
        if let (field, text) = filter.search { return search(text, field) }
        for (time, span) in filter.spans.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            var query = Query(storeID)
            let found = "SELECT id FROM order_entry WHERE store_id = $1 AND \(query.condition(of: time, span))"
            let count = try await database.read("SELECT count(*) FROM (\(found) LIMIT \(Self.fewOrders + 1)) few", query.values)
            guard try count[0][0].requiredInteger() <= Self.fewOrders else { continue }
            return .candidates { "SELECT id FROM order_entry WHERE store_id = $1 AND \($0.condition(of: time, span))" }
        }
        guard filter.status != nil || filter.paymentStatus != nil || filter.paymentMethod != nil else { return .all }
        return try await facets(of: filter, in: storeID)
    }

    /// A span of time with at most so many orders is looked up by that time.
    private static var fewOrders: Int { 20_000 }
    /// A store has a few dozen. With more, the list is gone through.
    private static var manyFacets: Int { 100 }

    private func facets(of filter: OrderFilter, in storeID: StoreID) async throws -> Source {
        var query = Query(storeID)
        let conditions = query.facetConditions(of: filter).map { " AND " + $0 }.joined()
        let rows = try await database.read(
            "SELECT e.status, e.payment_status, e.payment_method FROM order_facet e WHERE e.store_id = $1\(conditions)",
            query.values)
        guard !rows.isEmpty else { return .nothing }
        guard rows.count <= Self.manyFacets else { return .all }
        var facets = try rows.map { row in
            Facet(
                status: try row[0].requiredText(), paymentStatus: try row[1].requiredText(),
                paymentMethod: try row[2].requiredText())
        }
        // Facets that no order has, so that databases prepare few statements.
        while !facets.count.isMultiple(of: 16) { facets.append(Facet(status: "", paymentStatus: "", paymentMethod: "")) }
        return .facets(facets)
    }

    private func search(_ text: String, _ field: OrderFilter.Field) -> Source {
        func entries(_ column: String) -> Source {
            guard let text = OrderEntry.searchable(text) else { return .nothing }
            return .candidates { "SELECT id FROM order_entry WHERE store_id = $1 AND \($0.begins(column, with: text))" }
        }
        func customers(_ column: String, _ text: String?) -> Source {
            guard let text else { return .nothing }
            return .candidates { query in
                """
                SELECT d.id FROM customer c JOIN order_document d ON d.store_id = c.store_id AND d.customer_id = c.id
                WHERE c.store_id = $1 AND \(query.begins("c.\(column)", with: text))
                """
            }
        }
        switch field {
        case .number:
            return .candidates { query in
                "SELECT DISTINCT order_id AS id FROM order_key WHERE store_id = $1 AND kind = 'order_id' AND \(query.begins("key", with: text))"
            }
        case .shipmentReceipt: return entries("shipment_receipt")
        case .externalID: return entries("external_id")
        case .paymentReference: return entries("pg_reference_id")
        case .grossRevenue:
            guard let amount = Money(text) else { return .nothing }
            return .candidates {
                "SELECT id FROM order_entry WHERE store_id = $1 AND gross_revenue = \($0.bind(.integer(amount.minorUnits)))"
            }
        case .customerName: return customers("name", OrderEntry.searchable(text))
        case .customerEmail: return customers("email", OrderEntry.searchable(text))
        case .customerPhone: return customers("phone", PhoneNumber.beginning(with: text))
        }
    }
}

private struct Bound {
    let comparison: String
    let id: OrderID

    init(_ comparison: String, _ id: OrderID) {
        self.comparison = comparison
        self.id = id
    }
}

private struct Facet {
    let status: String
    let paymentStatus: String
    let paymentMethod: String
}

private enum Source {
    case nothing, all
    /// A query for ids, which may have more than meet the filter.
    case candidates((inout Query) -> String)
    case facets([Facet])

    var isFacets: Bool { if case .facets = self { true } else { false } }
}

/// A statement's parameters as it is written. The first one is the store.
private struct Query {
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

    mutating func facetConditions(of filter: OrderFilter) -> [String] {
        var conditions: [String] = []
        if let status = filter.status { conditions.append("e.status = \(bind(.text(status.rawValue)))") }
        if let status = filter.paymentStatus { conditions.append("e.payment_status = \(bind(.text(status.rawValue)))") }
        if let method = filter.paymentMethod {
            conditions.append("e.payment_method = \(bind(.text(OrderEntry.searchable(method) ?? "")))")
        }
        for method in filter.excludedPaymentMethods.sorted() { conditions.append("e.payment_method <> \(bind(.text(method)))") }
        return conditions
    }

    mutating func conditions(of filter: OrderFilter, exceptFacets: Bool) -> [String] {
        var conditions = exceptFacets ? [] : facetConditions(of: filter)
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
