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
        let order = try await orders.order(try reference(call), in: key.storeID)
        if let known = IfNoneMatch(call.request.headers[.ifNoneMatch]), known.contains(order.tag) {
            return Response(status: .notModified, headers: [.eTag: order.tag, .cacheControl: "private, no-cache"])
        }
        return Response(order)
    }

    private func actions(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let order = try await orders.order(try reference(call), in: key.storeID)
        var response = Response(uncached: order.actions)
        response.headers[.eTag] = order.tag
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
        let events = try await orders.events(of: try reference(call), in: key.storeID, after: after, limit: limit + 1)
        return Response(uncached: [
            "data": .array(events.prefix(limit).map(\.json)), "has_next": .bool(events.count > limit),
        ])
    }

    private func changeStatus(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        var reader = BodyReader(try await call.jsonObject())
        let references = reader.orders("ids")
        let (change, paymentChange) = (reader.word("status", OrderStatus.self), reader.word("payment_status", PaymentStatus.self))
        let by = reader.optionalText("by", maximum: 200)
        if change == .shippedRTS { reader.refuse("status", "can't be set by hand") }
        if !reader.isGiven("status"), !reader.isGiven("payment_status") {
            reader.refuse("status", "is required, or payment_status")
        }
        let fields = reader.fieldsOfMove()
        reader.refuseOthers(than: Self.changeStatusFields)
        let expected = call.request.headers[.ifMatch].flatMap { $0 == "*" ? nil : MerchantOrderView.version(ofTag: $0) ?? -1 }
        if expected != nil, references.count > 1 { reader.refuse("ids", "has more than one order, and If-Match is for one") }
        try reader.finish()
        let changed = try await orders.changeStatus(
            StatusChange(status: change, paymentStatus: paymentChange, by: by, fields: fields), of: references, in: key.storeID,
            ifVersion: expected, by: .key(key.id))
        var response = Response(uncached: ["data": .array(changed.map(\.outline)), "is_paginated": false])
        if changed.count == 1 { response.headers[.eTag] = changed[0].tag }
        return response
    }

    private func reference(_ call: Call) throws(Failure) -> OrderReference {
        guard let reference = call.pathParameter("id").flatMap({ OrderReference($0) }) else { throw .orderNotFound }
        return reference
    }
}

extension BodyReader {
    /// What an order may get with a move (`surroundings.md`, section 5).
    fileprivate mutating func fieldsOfMove() -> [(name: String, value: JSON)] {
        var fields: [(name: String, value: JSON)] = []
        for name in ["payment_account_holder", "payment_account_number", "payment_method"] {
            if let text = optionalText(name, maximum: 200) { fields.append((name, .string(text))) }
        }
        for name in ["transferproof_url", "rtsproof_url"] {
            guard let text = optionalText(name, maximum: 2000) else { continue }
            if let url = WebURL(text) { fields.append((name, .string(url.text))) } else { refuse(name, "is no http(s):// URL") }
        }
        if let text = optionalText("transfer_time", maximum: 40) {
            if let time = Timestamp(text) {
                fields.append(("transfer_time", .string(time.description)))
            } else {
                refuse("transfer_time", "is not a time with its offset from UTC (RFC 3339)")
            }
        }
        if isGiven("financial_entity_id") {
            if let number = integer("financial_entity_id") {
                fields.append(("financial_entity_id", .number(String(number))))
            } else if !isNumber("financial_entity_id") {
                refuse("financial_entity_id", "is not a whole number")
            }
        }
        return fields
    }

    /// A list of orders, each as its UUIDv7 or as the integer of a migrated one, which may be a text too.
    fileprivate mutating func orders(_ field: String) -> [OrderReference] {
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
            guard let reference = text.flatMap({ OrderReference($0) }) else {
                refuse("\(field)[\(position)]", "is no order of this store")
                return nil
            }
            return reference
        }
    }
}

extension MerchantOrderView {
    /// The tag of this version for the merchant's side. It is not the buyer's, whose bytes depend on more.
    var tag: String { "\"m-\(String(version, radix: 36))\"" }

    /// The version that a tag stands for; `nil` if it is none of ``tag``.
    static func version(ofTag tag: String) -> Int64? {
        guard tag.hasPrefix("\"m-"), tag.hasSuffix("\""), tag.count > 4 else { return nil }
        return Int64(tag.dropFirst(3).dropLast(), radix: 36)
    }

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
        let (status, paymentStatus) = statuses
        fields += [
            ("allowed_statuses", .array(StatusMoves.allowed(from: status).map { .string($0.rawValue) })),
            ("allowed_payment_statuses", .array(StatusMoves.allowed(from: paymentStatus).map { .string($0.rawValue) })),
        ]
        return .object(JSONObject(fields))
    }
}

extension Response {
    /// An order, for its merchant only.
    fileprivate init(_ order: MerchantOrderView) {
        self.init(json: order.json.encoded)
        headers[.eTag] = order.tag
        headers[.cacheControl] = "private, no-cache"
    }
}
