import Accounts
import HTTPServing
import Hummingbird
import JSON
import OrderServices
import Orders

extension OrderRoutes {
    func create(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call, Self.first) { body, request in
            var reader = try body.reader()
            let name = reader.text("customer_name", maximum: 200)
            let store = reader.text("store_unique_id", maximum: 64)
            if !store.isEmpty, store != key.storeID.text { reader.refuse("store_unique_id", "is not the store of this key") }
            let number = reader.optionalText("order_id", maximum: 100)
            if let number, OrderName(number) != .number(number) { reader.refuse("order_id", "can't have blanks, nor be a UUID") }
            let edit = reader.orderEdit(isNew: true)
            reader.refuseOthers(than: Self.createFields)
            let recipient = OrderRecipient(
                name: name, email: edit.text("customer_email").flatMap { EmailAddress($0) }, phone: edit.text("customer_phone"))
            try reader.finish()
            return [try await orders.create(edit, for: recipient, number: number, by: nil, request)]
        }
    }

    func update(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call, Self.first) { body, request in
            var reader = try body.reader()
            let edit = reader.orderEdit(isNew: false)
            reader.refuseOthers(than: Self.updateFields)
            try reader.finish()
            return [try await orders.edit(try name(call), edit, for: request)]
        }
    }

    func changeStatus(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call, Self.outlines) { body, request in
            var reader = try body.reader()
            let names = reader.orders("ids", for: request)
            let status = reader.word("status", OrderStatus.self)
            let paymentStatus = reader.word("payment_status", PaymentStatus.self)
            let by = reader.optionalText("by", maximum: 200)
            if status == .shippedRTS { reader.refuse("status", "can't be set by hand") }
            if !reader.isGiven("status"), !reader.isGiven("payment_status") {
                reader.refuse("status", "is required, or payment_status")
            }
            let fields = reader.fields(Self.fieldsOfMove)
            reader.refuseOthers(than: Self.changeStatusFields)
            try reader.finish()
            return try await orders.changeStatus(
                StatusChange(status: status, paymentStatus: paymentStatus, by: by, fields: fields), of: names, for: request)
        }
    }

    func delete(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call, Self.ids) { body, request in
            var reader = try body.reader()
            let names = reader.orders("ids", for: request)
            reader.refuseOthers(than: ["ids"])
            try reader.finish()
            return try await orders.delete(names, for: request)
        }
    }

    func shipment(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await set(Self.shipmentFields, key, call) { WrittenAnswer($0[0]) }
    }

    func shipmentReceipt(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await set([Self.receiptField], required: ["shipment_receipt"], key, call) {
            WrittenAnswer(
                $0[0].fields("id", "order_id", "shipment_receipt", "public_order_url", "payment_url"), tag: $0[0].tag.text)
        }
    }

    func shipmentStatus(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call, Self.first) { body, request in
            var reader = try body.reader()
            let status = reader.word("status", OrderStatus.self)
            if !reader.isGiven("status") { reader.refuse("status", "is required") }
            if status == .shippedRTS { reader.refuse("status", "can't be set by hand") }
            let description = reader.text("description", maximum: 1000)
            let time = reader.time("timestamp")
            reader.refuseOthers(than: ["status", "description", "timestamp"])
            let (given, at) = try reader.finish(status, time)
            return [
                try await orders.addShipmentStatus(given.rawValue, description, at: at, to: try name(call), for: request)
            ]
        }
    }

    func duplicate(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call, Self.last) { body, request in
            var reader = body.bytes.isEmpty ? BodyReader([:]) : try body.reader()
            let fields = reader.fields(Self.duplicateFields)
            reader.refuseOthers(than: Self.duplicateFields.map(\.name))
            try reader.finish()
            return [try await orders.duplicate(try name(call), OrderEdit(fields: fields, lines: nil), by: nil, for: request)]
        }
    }

    func customer(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call, Self.first) { body, request in
            var reader = try body.reader()
            let id = reader.integer("customer_id")
            if id == nil, !reader.isNumber("customer_id") {
                reader.refuse("customer_id", reader.isGiven("customer_id") ? "is not a whole number" : "is required")
            }
            reader.refuseOthers(than: ["customer_id"])
            let customer = CustomerID(try reader.finish(id))
            return [try await orders.setCustomer(customer, of: try name(call), for: request)]
        }
    }

    func tags(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call, Self.first) { body, request in
            var reader = try body.reader()
            let tags = reader.texts("tags", maximum: 50)
            if tags.contains(where: { $0.isEmpty || $0.unicodeScalars.count > 100 }) {
                reader.refuse("tags", "has an element that is empty or longer than 100 characters")
            }
            reader.refuseOthers(than: ["tags"])
            try reader.finish()
            let named = tags.map { JSON.object(JSONObject([("name", .string($0))])) }
            return [try await orders.set([("tags", .array(named))], of: try name(call), for: request)]
        }
    }

    /// Sets fields of an order that nothing else depends on.
    private func set(
        _ fields: [OrderField], required: [String] = [], _ key: BusinessGrant, _ call: Call,
        _ answer: @escaping OrderRequest.Answering
    ) async throws -> Response {
        try await requests.answer(key, call, answer) { body, request in
            var reader = try body.reader()
            let given = reader.fields(fields)
            for name in required where !reader.isThere(name) { reader.refuse(name, "is required") }
            reader.refuseOthers(than: fields.map(\.name))
            try reader.finish()
            return [try await orders.set(given, of: try name(call), for: request)]
        }
    }

    private var requests: OrderRequest { OrderRequest(orders: orders) }

    private static let first: OrderRequest.Answering = { WrittenAnswer($0[0]) }
    private static let last: OrderRequest.Answering = { WrittenAnswer($0[$0.count - 1]) }
    private static let outlines: OrderRequest.Answering = { orders in
        .list(orders) { $0.fields("id", "order_id", "status", "payment_status", "public_order_url", "payment_url") }
    }
    private static let ids: OrderRequest.Answering = { orders in .list(orders) { .string($0.id.description) } }
}

extension OrderRoutes {
    /// What an order may get with a move.
    static let fieldsOfMove = [
        OrderField("payment_account_holder", .text(maximum: 200)), OrderField("payment_account_number", .text(maximum: 200)),
        OrderField("payment_method", .text(maximum: 200)), OrderField("transferproof_url", .url),
        OrderField("rtsproof_url", .url), OrderField("transfer_time", .time), OrderField("financial_entity_id", .integer),
    ]
    static let receiptField = OrderField("shipment_receipt", .text(maximum: 200))
    static let shipmentFields = [
        OrderField("awb_ca_status", .choice(["unavailable", "pending", "waiting", "failed", "created", "canceled"])),
        OrderField("courier_additional_info", .text(maximum: 1000, hasLines: true)), OrderField("is_shipment_completed", .flag),
        OrderField("shipment_provider_code", .choice(["mengantar", "lincah", "ninja"])), receiptField,
    ]
    /// What a copy of an order has of its own.
    static let duplicateFields = [
        OrderField("financial_entity_id", .integer), OrderField("metadata", .object),
        OrderField("payment_account_holder", .text(maximum: 200)), OrderField("payment_account_number", .text(maximum: 100)),
        OrderField("payment_method", .text(maximum: 50)), OrderField("sub_payment_method", .text(maximum: 50)),
    ]

    static let updateFields =
        OrderField.all.filter { !$0.isForNewOnly }.map(\.name) + ["orderlines", "ordervariants", "orderbundles"]
    static let createFields =
        OrderField.all.map(\.name) + ["store_unique_id", "order_id", "orderlines", "ordervariants", "orderbundles"]
    static let changeStatusFields = ["ids", "status", "payment_status", "by"] + fieldsOfMove.map(\.name)
}

extension WrittenAnswer {
    /// A list without pages. One order also has its tag.
    static func list(_ orders: [MerchantOrderView], _ element: (MerchantOrderView) -> JSON) -> WrittenAnswer {
        WrittenAnswer(JSON.list(orders.map(element)), tag: orders.count == 1 ? orders[0].tag.text : nil)
    }
}

extension OrderEdit {
    fileprivate func text(_ name: String) -> String? {
        if case .string(let text)? = fields.first(where: { $0.name == name })?.value { text } else { nil }
    }
}

extension BodyReader {
    /// A list of orders, each by its UUIDv7, its number, or the integer of a migrated one, which may be a text too.
    fileprivate mutating func orders(_ field: String, for request: MerchantRequest) -> [OrderName] {
        guard let elements = list(field) else { return [] }
        guard (1...MerchantOrders.maximumBulk).contains(elements.count) else {
            refuse(field, "must have from 1 to \(MerchantOrders.maximumBulk) elements")
            return []
        }
        if request.isExpected != nil, elements.count > 1 { refuse(field, "has more than one order, and If-Match is for one") }
        return elements.enumerated().compactMap { position, element in
            let text: String? =
                switch element {
                case .string(let text): text
                case .number(let digits): Int64(digits) == nil ? nil : digits
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
