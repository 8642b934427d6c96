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
    let access: BusinessAccess

    func add(to routes: inout Routes) {
        routes.add(Self.get, access.key(with: .readOrders), get)
        routes.add(Self.actions, access.key(with: .readOrders), actions)
        routes.add(Self.events, access.key(with: .readOrders), events)
        routes.add(Self.changeStatus, access.key(with: .changeStatus), changeStatus)
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private func get(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let order = try await orders.order(try name(call), in: key.storeID)
        if let known = IfNoneMatch(call.request.headers[.ifNoneMatch]), known.contains(order.tag.text) {
            return Response(status: .notModified, headers: [.eTag: order.tag.text, .cacheControl: "private, no-cache"])
        }
        return Response(order)
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

    private func changeStatus(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        var reader = BodyReader(try await call.jsonObject())
        let names = reader.orders("ids")
        let (change, paymentChange) = (reader.word("status", OrderStatus.self), reader.word("payment_status", PaymentStatus.self))
        let by = reader.optionalText("by", maximum: 200)
        if change == .shippedRTS { reader.refuse("status", "can't be set by hand") }
        if !reader.isGiven("status"), !reader.isGiven("payment_status") {
            reader.refuse("status", "is required, or payment_status")
        }
        let fields = reader.fieldsOfMove()
        reader.refuseOthers(than: Self.changeStatusFields)
        // Compared as If-None-Match is, because proxies that compress mark the tag: it stands for a version, whatever the bytes are.
        let expected = IfNoneMatch(call.request.headers[.ifMatch])
        if expected != nil, names.count > 1 { reader.refuse("ids", "has more than one order, and If-Match is for one") }
        try reader.finish()
        let changed = try await orders.changeStatus(
            StatusChange(status: change, paymentStatus: paymentChange, by: by, fields: fields), of: names, in: key.storeID,
            isExpected: expected.map { tags in { tags.contains($0.text) } }, by: .key(key.id))
        var response = Response(uncached: ["data": .array(changed.map(\.outline)), "is_paginated": false])
        if changed.count == 1 { response.headers[.eTag] = changed[0].tag.text }
        return response
    }

    private func name(_ call: Call) throws(Failure) -> OrderName {
        guard let name = call.pathParameter("id").flatMap({ OrderName($0) }) else { throw .orderNotFound }
        return name
    }
}

extension BodyReader {
    /// What an order may get with a move (`surroundings.md`, section 5).
    fileprivate mutating func fieldsOfMove() -> [(name: String, value: JSON)] {
        var fields: [(name: String, value: JSON)] = []
        for name in ["payment_account_holder", "payment_account_number", "payment_method"] where isThere(name) {
            fields.append((name, JSON(optionalText(name, maximum: 200))))
        }
        for name in ["transferproof_url", "rtsproof_url"] where isThere(name) {
            let text = optionalText(name, maximum: 2000)
            let url = text.flatMap { WebURL($0) }
            if text != nil, url == nil { refuse(name, "is no http(s):// URL") }
            fields.append((name, JSON(url?.text)))
        }
        if isThere("transfer_time") {
            let text = optionalText("transfer_time", maximum: 40)
            let time = text.flatMap { Timestamp($0) }
            if text != nil, time == nil { refuse("transfer_time", "is not a time with its offset from UTC (RFC 3339)") }
            fields.append(("transfer_time", JSON(time?.description)))
        }
        if isThere("financial_entity_id") {
            let number = integer("financial_entity_id")
            if number == nil, isGiven("financial_entity_id"), !isNumber("financial_entity_id") {
                refuse("financial_entity_id", "is not a whole number")
            }
            fields.append(("financial_entity_id", number.map { .number(String($0)) } ?? .null))
        }
        return fields
    }

    /// A list of orders, each as its UUIDv7 or as the integer of a migrated one, which may be a text too.
    fileprivate mutating func orders(_ field: String) -> [OrderName] {
        guard let elements = list(field) else { return [] }
        guard (1...MerchantOrders.maximumBulk).contains(elements.count) else {
            refuse(field, "must have from 1 to \(MerchantOrders.maximumBulk) elements")
            return []
        }
        return elements.enumerated().compactMap { position, element in
            let text: String? =
                switch element {
                case .string(let text), .number(let text): text
                default: nil
                }
            guard let name = text.flatMap({ OrderName($0) }) else {
                refuse("\(field)[\(position)]", "is no order of this store")
                return nil
            }
            return name
        }
    }
}

extension MerchantOrderView {
    private func field(_ name: String) -> (String, JSON) { (name, json[name] ?? .null) }

    /// What the answer to a bulk change says of an order.
    fileprivate var outline: JSON {
        .object(
            JSONObject(["id", "order_id", "status", "payment_status", "public_order_url", "payment_url"].map { field($0) }))
    }

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

extension Response {
    /// An order, for its merchant only.
    fileprivate init(_ order: MerchantOrderView) {
        self.init(json: order.json.encoded)
        headers[.eTag] = order.tag.text
        headers[.cacheControl] = "private, no-cache"
    }
}
