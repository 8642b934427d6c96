import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import OrderServices
import Orders

/// The orders of the store that a key belongs to.
struct OrderRoutes: Sendable {
    let orders: MerchantOrders
    let links: OrderLinks
    let access: BusinessAccess

    func add(to routes: inout Routes) {
        routes.add(Self.list, access.key(with: .listOrders), list)
        routes.add(Self.create, access.key(with: .createOrders), create)
        routes.add(Self.get, access.key(with: .readOrders), get)
        routes.add(Self.update, access.key(with: .updateOrders), update)
        routes.add(Self.actions, access.key(with: .readOrders), actions)
        routes.add(Self.events, access.key(with: .readOrders), events)
        routes.add(Self.changeStatus, access.key(with: .changeStatus), changeStatus)
        routes.add(Self.delete, access.key(with: .deleteOrders), delete)
        routes.add(Self.shipment, access.key(with: .updateOrders), shipment)
        routes.add(Self.shipmentReceipt, access.key(with: .updateOrders), shipmentReceipt)
        routes.add(Self.shipmentStatus, access.key(with: .updateOrders), shipmentStatus)
        routes.add(Self.payment, access.key(with: .updateOrders), payment)
        routes.add(Self.duplicate, access.key(with: .createOrders), duplicate)
        routes.add(Self.customer, access.key(with: .updateOrders), customer)
        routes.add(Self.tags, access.key(with: .updateOrders), tags)
        routes.add(Self.link, access.key(with: .readOrders), link)
        routes.add(Self.changeLink, access.key(with: .updateOrders), changeLink)
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private func get(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let order = try await orders.order(try name(call), in: key.storeID)
        if let known = IfNoneMatch(call.request.headers[.ifNoneMatch]), known.contains(order.tag.text) {
            return Response(status: .notModified, headers: [.eTag: order.tag.text, .cacheControl: "private, no-cache"])
        }
        var response = Response(json: order.json.encoded)
        response.headers[.eTag] = order.tag.text
        response.headers[.cacheControl] = "private, no-cache"
        return response
    }

    private func actions(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let order = try await orders.order(try name(call), in: key.storeID)
        var response = Response(uncached: order.actions)
        response.headers[.eTag] = order.tag.text
        return response
    }

    private func events(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        var after: Int64 = 0
        if let text = call.request.uri.queryParameters["after"], !text.isEmpty {
            guard let number = Int64(text), number >= 0 else {
                throw Failure.invalidParameter("after", "must be the number of an event")
            }
            after = number
        }
        let limit = 100
        let events = try await orders.events(of: try name(call), in: key.storeID, after: after, limit: limit + 1)
        return Response(uncached: [
            "data": .array(events.prefix(limit).map(\.json)), "has_next": .bool(events.count > limit),
        ])
    }

    /// What there is to pay with. Nothing here asks a payment provider, so it is what the merchant's system has stored.
    private func payment(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let order = try await orders.order(try name(call), in: key.storeID)
        var information: JSON = [:]
        if case .object? = order.json["pg_payment_info"] { information = order.json["pg_payment_info"] ?? [:] }
        var response = Response(uncached: information)
        response.headers[.eTag] = order.tag.text
        return response
    }

    private func link(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        Response(uncached: try await links.link(of: try name(call), in: key.storeID).json(withLooks: true))
    }

    private func changeLink(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await OrderRequest(orders: orders).answer(
            key, call, reading: { try OrderLinkChange(Call.jsonObject(in: $0.bytes)) },
            { change, orders in WrittenAnswer(orders[0].link(after: change).json(withLooks: false), tag: orders[0].tag.text) },
            { change, request in [try await links.change(try name(call), change, of: nil, for: request)] })
    }

    /// The order in the path.
    func name(_ call: Call) throws(Failure) -> OrderName { try call.orderName() }
}

extension Call {
    /// The order in the path, `{id}`.
    /// - Throws: ``Failure/orderNotFound`` if it can't be the name of one.
    func orderName() throws(Failure) -> OrderName {
        guard let name = pathParameter("id").flatMap({ OrderName($0) }) else { throw .orderNotFound }
        return name
    }
}

extension MerchantOrderView {
    private func field(_ name: String) -> (String, JSON) { (name, json[name] ?? .null) }

    /// These fields of the order.
    func fields(_ names: String...) -> JSON { .object(JSONObject(names.map { field($0) })) }

    fileprivate var actions: JSON {
        var types: Set<String> = []
        if case .array(let lines)? = json["orderlines"] {
            for case .string(let type) in lines.map({ $0["item_type"] ?? .null }) { types.insert(type) }
        }
        var fields = [field("id"), field("order_id")]
        fields += [
            ("is_digital_product_present", .bool(types.contains("digital"))),
            ("is_lms_product_present", .bool(types.contains("course"))),
            ("is_physical_product_present", .bool(types.contains("physical"))),
        ]
        fields += [field("public_order_url"), field("payment_url")]
        let (status, paymentStatus) = json.statuses
        fields += [
            ("allowed_statuses", .array((status.map { StatusMoves.allowed(from: $0) } ?? []).map { .string($0.rawValue) })),
            ("allowed_payment_statuses", .array(StatusMoves.allowed(from: paymentStatus).map { .string($0.rawValue) })),
        ]
        return .object(JSONObject(fields))
    }
}
