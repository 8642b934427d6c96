import JSON
package import Orders

/// An example of a webhook, by which a merchant tries their endpoint. The raw values are what they call it.
package enum WebhookExample: String, CaseIterable, Sendable {
    case test = "business.test_event"
    case created = "order.created"
    case updated = "order.updated"
    case deleted = "order.deleted"
    case statusChanged = "order.status_changed"
    case paymentStatusChanged = "order.payment_status_changed"
    /// Changes of a status that most receivers wait for.
    case paid = "order.paid"
    case shipped = "order.shipped"
    case completed = "order.completed"
    case canceled = "order.canceled"

    /// The body, with an order that nobody has placed.
    package func body(in storeID: StoreID, at time: Timestamp) -> WebhookBody {
        guard self != .test else { return WebhookBody(testAt: time) }
        var generator = SystemRandomNumberGenerator()
        guard let id = OrderID(mintedAt: time, using: &generator) else { return WebhookBody(testAt: time) }
        let event = OrderEvent(
            storeID: storeID, position: 1, orderID: id, number: kind == .created ? 1 : 2, kind: kind,
            version: time.microseconds, status: status, paymentStatus: paymentStatus, by: .clock, at: time)
        let order = Self.order(id, status: status?.to, paymentStatus: paymentStatus?.to, in: storeID, at: time)
        guard self != .deleted else { return WebhookBody(event, .deleted(order)) }
        let view = MerchantOrderView(id: id, version: time.microseconds, order, publicURL: nil)
        return WebhookBody(event, .order(view, version: time.microseconds))
    }

    private var kind: OrderEvent.Kind {
        switch self {
        case .test, .created: .created
        case .updated: .updated
        case .deleted: .deleted
        case .paymentStatusChanged, .paid: .paymentStatusChanged
        case .statusChanged, .shipped, .completed, .canceled: .statusChanged
        }
    }

    private var status: OrderEvent.Transition<OrderStatus>? {
        switch self {
        case .created: .init(from: nil, to: .pending)
        case .statusChanged: .init(from: .pending, to: .confirmed)
        case .shipped: .init(from: .ready, to: .shipped)
        case .completed: .init(from: .shipped, to: .completed)
        case .canceled: .init(from: .pending, to: .canceled)
        case .test, .updated, .deleted, .paymentStatusChanged, .paid: nil
        }
    }

    private var paymentStatus: OrderEvent.Transition<PaymentStatus>? {
        switch self {
        case .created: .init(from: nil, to: .unpaid)
        case .paymentStatusChanged, .paid: .init(from: .unpaid, to: .paid)
        default: nil
        }
    }

    private static func order(
        _ id: OrderID, status: OrderStatus?, paymentStatus: PaymentStatus?, in storeID: StoreID, at time: Timestamp
    ) -> JSON {
        let (now, isPaid) = (JSON.string(time.description), paymentStatus == .paid)
        return [
            "id": .string(id.description), "order_id": "EXAMPLE-1", "secret_slug": "example", "is_probably_spam": false,
            "status": .string((status ?? .pending).rawValue), "payment_status": .string((paymentStatus ?? .unpaid).rawValue),
            "paid_time": isPaid ? now : .null, "payment_method": "bank_transfer",
            "store": ["unique_id": .string(storeID.text), "name": "Example"],
            "customer": ["id": 1, "name": "Example Buyer", "email": "buyer@example.com", "phone": "628123456789"],
            "destination_address": [
                "name": "Example Buyer", "phone": "628123456789", "address": "Jalan Contoh 1", "subdistrict": "Gambir",
                "city": "Jakarta Pusat", "province": "DKI Jakarta", "postal_code": "10110",
            ],
            "orderlines": [["quantity": 1, "product_name": "Example product", "product_price": "100000.00"]],
            "product_price": "100000.00", "shipping_cost": "12000.00", "gross_revenue": "112000.00",
            "created_at": now, "last_updated_at": now,
        ]
    }
}
