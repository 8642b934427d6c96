package import Orders

/// The merchant's list of orders.
///
/// An order's place in it is its id, so each filter has to find the newest ids that meet it without looking at many others:
///
/// - A search, a number or a span of time with few orders gives candidates, of which the rest of the filter is asked.
/// - A search that many orders meet is asked of the newest orders, and gives candidates only if too few of those meet it.
/// - Statuses and payment method: the newest orders of each combination that the store has (``OrderFacet``), merged.
/// - Anything else goes through the orders from the newest on.
extension SQLOrders {
    package func list(_ page: PageRequest, of storeID: StoreID, where filter: OrderFilter) async throws -> MerchantPage {
        try await list(page, of: storeID, where: filter, limits: ListLimits())
    }

    /// The same with other limits, which change only how the orders are found.
    package func list(
        _ page: PageRequest, of storeID: StoreID, where filter: OrderFilter, limits: ListLimits
    ) async throws -> MerchantPage {
        let source = try await source(of: filter, in: storeID, limits)
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
        var query = ListQuery(storeID)
        let order = "ORDER BY e.id \(descending ? "DESC" : "ASC") LIMIT \(limit)"
        var conditions = query.conditions(of: filter, exceptFacets: source.isFacets)
        if let bound { conditions.append("e.id \(bound.comparison) \(query.bind(.orderID(bound.id.uuid)))") }
        let rest = conditions.map { " AND " + $0 }.joined()
        let sql: String
        switch source {
        case .nothing: return []
        case .all: sql = "SELECT e.id FROM order_entry e WHERE e.store_id = $1\(rest) \(order)"
        case .newest(let count, let search):
            let end = try await end(ofNewest: count, in: storeID, bound, descending: descending)
            let within = end.map { " AND e.id \(descending ? ">=" : "<=") \(query.bind(.orderID($0.uuid)))" } ?? ""
            let condition = search.condition(&query)
            sql = "SELECT e.id FROM order_entry e WHERE e.store_id = $1\(rest)\(within) AND \(condition) \(order)"
            let found = try await ids(sql, query)
            if found.count == limit || end == nil { return found }
            return try await ids(.candidates(search.candidates), filter, in: storeID, bound, descending: descending, limit)
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
        return try await ids(sql, query)
    }

    /// The last of those orders of which a broad search is asked; `nil` if there are not so many.
    private func end(ofNewest count: Int, in storeID: StoreID, _ bound: Bound?, descending: Bool) async throws -> OrderID? {
        var query = ListQuery(storeID)
        let place = bound.map { " AND id \($0.comparison) \(query.bind(.orderID($0.id.uuid)))" } ?? ""
        return try await ids(
            """
            SELECT id FROM order_entry WHERE store_id = $1\(place)
            ORDER BY id \(descending ? "DESC" : "ASC") LIMIT 1 OFFSET \(count)
            """, query
        ).first
    }

    private func ids(_ sql: String, _ query: ListQuery) async throws -> [OrderID] {
        try await database.read(sql, query.values).map { row in
            guard let id = OrderID(try row[0].requiredOrderID()) else { throw StorageFailure.damaged }
            return id
        }
    }

    /// How to find the orders of a filter.
    private func source(of filter: OrderFilter, in storeID: StoreID, _ limits: ListLimits) async throws -> Source {
        if let number = filter.number {
            return .candidates { query in
                "SELECT order_id AS id FROM order_key WHERE store_id = $1 AND kind = 'order_id' AND key = \(query.bind(.text(number)))"
            }
        }
        if let externalID = filter.externalID {
            guard let text = OrderEntry.searchable(externalID) else { return .nothing }
            return .candidates { "SELECT id FROM order_entry WHERE store_id = $1 AND external_id = \($0.bind(.text(text)))" }
        }
        if let (field, text) = filter.search {
            guard let search = Search.of(text, in: field) else { return .nothing }
            return try await hasAtMost(limits.fewFound, search.candidates, in: storeID)
                ? .candidates(search.candidates) : .newest(limits.newestOrders, search)
        }
        if let customers = filter.customers {
            return .candidates {
                "SELECT id FROM order_entry WHERE store_id = $1 AND \($0.condition("customer_id", of: customers))"
            }
        }
        for (time, span) in filter.spans.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let candidates = { (query: inout ListQuery) in
                "SELECT id FROM order_entry WHERE store_id = $1 AND \(query.condition(of: time, span))"
            }
            if try await hasAtMost(limits.fewInSpan, candidates, in: storeID) { return .candidates(candidates) }
        }
        guard filter.status != nil || filter.paymentStatus != nil || filter.paymentMethod != nil else { return .all }
        return try await facets(of: filter, in: storeID, limits)
    }

    /// Whether a query has at most so many candidates.
    private func hasAtMost(_ count: Int, _ candidates: Candidates, in storeID: StoreID) async throws -> Bool {
        var query = ListQuery(storeID)
        let found = candidates(&query)
        let rows = try await database.read("SELECT count(*) FROM (\(found) LIMIT \(count + 1)) few", query.values)
        return try rows[0][0].requiredInteger() <= Int64(count)
    }

    private func facets(of filter: OrderFilter, in storeID: StoreID, _ limits: ListLimits) async throws -> Source {
        var query = ListQuery(storeID)
        let conditions = query.facetConditions(of: filter).map { " AND " + $0 }.joined()
        let rows = try await database.read(
            "SELECT e.status, e.payment_status, e.payment_method FROM order_facet e WHERE e.store_id = $1\(conditions)",
            query.values)
        guard !rows.isEmpty else { return .nothing }
        guard rows.count <= limits.manyFacets else { return .all }
        var facets = try rows.map { row in
            Facet(
                status: try row[0].requiredText(), paymentStatus: try row[1].requiredText(),
                paymentMethod: try row[2].requiredText())
        }
        // Facets that no order has, so that databases prepare few statements.
        while !facets.count.isMultiple(of: 16) { facets.append(Facet(status: "", paymentStatus: "", paymentMethod: "")) }
        return .facets(facets)
    }
}

/// Writes a query for ids, which may have more than meet a filter.
private typealias Candidates = (inout ListQuery) -> String

/// A search, as a query and as a condition.
private struct Search {
    let candidates: Candidates
    /// That an order meets it, of which `e` is the line in the list. An index can't serve for it, so that the orders are gone through in their order.
    let condition: (inout ListQuery) -> String

    /// `nil` if nothing can be found.
    static func of(_ text: String, in field: OrderFilter.Field) -> Search? {
        switch field {
        case .number: entries(text, "number")
        case .shipmentReceipt: OrderEntry.searchable(text).map { entries($0, "shipment_receipt") }
        case .externalID: OrderEntry.searchable(text).map { entries($0, "external_id") }
        case .paymentReference: OrderEntry.searchable(text).map { entries($0, "pg_reference_id") }
        case .grossRevenue: Money(text).map { revenues($0) }
        case .customerName: OrderEntry.searchable(text).map { customers($0, "name") }
        case .customerEmail: OrderEntry.searchable(text).map { customers($0, "email") }
        case .customerPhone: PhoneNumber.beginning(with: text).map { customers($0, "phone") }
        }
    }

    private static func entries(_ text: String, _ column: String) -> Search {
        Search(
            candidates: { "SELECT id FROM order_entry WHERE store_id = $1 AND \($0.begins(column, with: text))" },
            condition: { $0.begins("e.\(column) || ''", with: text) })
    }

    private static func revenues(_ amount: Money) -> Search {
        let units = StoredValue.integer(amount.minorUnits)
        return Search(
            candidates: { "SELECT id FROM order_entry WHERE store_id = $1 AND gross_revenue = \($0.bind(units))" },
            condition: { "e.gross_revenue + 0 = \($0.bind(units))" })
    }

    private static func customers(_ text: String, _ column: String) -> Search {
        Search(
            candidates: { query in
                """
                SELECT e.id FROM customer c JOIN order_entry e ON e.store_id = c.store_id AND e.customer_id = c.id
                WHERE c.store_id = $1 AND \(query.begins("c.\(column)", with: text))
                """
            },
            condition: { query in
                """
                EXISTS (
                    SELECT 1 FROM customer c
                    WHERE c.store_id = $1 AND c.id = e.customer_id AND \(query.begins("c.\(column) || ''", with: text)))
                """
            })
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
    case candidates(Candidates)
    /// A search that many orders meet, and of how many of the newest it is asked first.
    case newest(Int, Search)
    case facets([Facet])

    var isFacets: Bool { if case .facets = self { true } else { false } }
}
