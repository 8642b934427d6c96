import Accounts
import HTTPServing
import Hummingbird
import HummingbirdCore
import JSON
import OrderServices
import Orders

extension OrderRoutes {
    func list(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let query = try call.describedQuery()
        let request = try PageRequest(query)
        let (filter, storeName, columns) = try Self.filter(query)
        let (found, page) = try await orders.list(request, of: key.storeID, named: storeName, where: filter)
        let envelope = PageEnvelope(
            next: page.hasNext ? page.ids.last.map { PageCursor($0).text } : nil,
            previous: page.hasPrevious ? page.ids.first.map { PageCursor($0).text } : nil, size: request.size)
        return Response(uncached: .page(found.map { $0.listed(columns) }, envelope))
    }

    /// The filter in a query; the store that it names, if it does; the fields to answer, or `nil` for all.
    /// - Throws: ``Failure/invalidParameter(_:_:)``.
    private static func filter(
        _ query: FlatDictionary<Substring, Substring>
    ) throws(Failure) -> (OrderFilter, storeName: String?, columns: [String]?) {
        var filter = OrderFilter()
        filter.status = try query.word("status")
        filter.paymentStatus = try query.word("payment_status")
        filter.paymentMethod = query.text("payment_method")
        filter.number = query.text("order_id")
        filter.externalID = query.text("external_id")
        let field: OrderFilter.Field = try query.word("search_field") ?? .number
        if let search = query.text("search") {
            guard (2...200).contains(search.utf8.count) else {
                throw .invalidParameter("search", "must have from 2 to 200 characters")
            }
            filter.search = (field, search)
        }
        for kind in OrderFilter.Time.allCases {
            let span = OrderFilter.Span(
                since: try query.time("\(kind.rawValue)_time_since"), until: try query.time("\(kind.rawValue)_time_until"))
            if span.since != nil || span.until != nil { filter.spans[kind] = span }
        }
        filter.created.until = try query.time("draft_time_until")
        let columns = query.text("columns").map { $0.split(separator: ",").map(String.init) }
        return (filter, query.text("store_id"), columns)
    }

    private static let times = OrderFilter.Time.allCases.flatMap { ["\($0.rawValue)_time_since", "\($0.rawValue)_time_until"] }

    static let listParameters: [Parameter] = {
        let words = { (words: [String]) in ["enum": .array(words.map { .string($0) })] as JSON }
        let time: JSON = ["type": "string", "format": "date-time"]
        var parameters = PageRequest.parameters
        parameters += [
            Parameter("status", in: .query, "Only orders in this status.", words(OrderStatus.allCases.map(\.rawValue))),
            Parameter(
                "payment_status", in: .query, "Only orders in this payment status.", words(PaymentStatus.allCases.map(\.rawValue))
            ),
            Parameter("payment_method", in: .query, "Only orders with this payment method."),
            Parameter("order_id", in: .query, "Only the order with this number."),
            Parameter("external_id", in: .query, "Only orders with this number in another system."),
            Parameter(
                "store_id", in: .query, "The store's unique_id or integer id. The list of another store than the key's is empty."),
            Parameter(
                "search", in: .query, "What search_field begins with; an amount as a whole.",
                ["type": "string", "minLength": 2, "maxLength": 200]),
            Parameter("search_field", in: .query, "order_id by default.", words(OrderFilter.Field.allCases.map(\.rawValue))),
        ]
        parameters += times.map {
            Parameter(
                $0, in: .query,
                $0.hasSuffix("since") ? "Only orders with it, at or after." : "Only orders with it, at or before.", time)
        }
        return parameters + [
            Parameter("draft_time_until", in: .query, "Only orders that were created until then.", time),
            Parameter("columns", in: .query, "The fields to answer beside id, separated by commas; all by default."),
        ]
    }()
}

extension MerchantOrderView {
    /// What a list does not have of an order (`surroundings.md`, section 5).
    private static let notListed: Set = [
        "orderlines", "status_history", "payment_status_history", "shipment_status_history", "message_history",
    ]

    /// The order in a list.
    fileprivate func listed(_ columns: [String]?) -> JSON {
        guard case .object(let object) = json else { return json }
        let kept = object.members.filter { name, _ in
            name == "id" || !Self.notListed.contains(name) && columns?.contains(name) ?? true
        }
        return .object(JSONObject(kept.map { ($0.name, $0.value) }))
    }
}
