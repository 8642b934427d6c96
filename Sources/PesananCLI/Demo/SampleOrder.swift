import JSON
import Orders

/// One sample order, whose content follows from its number.
struct SampleOrder {
    let number: Int
    let createdAt: Timestamp

    /// The steps that lead to each status.
    private static let steps: [OrderStatus: [OrderStatus]] = [
        .draft: [.draft],
        .pending: [.draft, .pending],
        .confirmed: [.pending, .confirmed],
        .inProcess: [.pending, .confirmed, .inProcess],
        .ready: [.pending, .confirmed, .inProcess, .ready],
        .shipped: [.pending, .confirmed, .inProcess, .ready, .shipped],
        .shippedRTS: [.pending, .confirmed, .inProcess, .ready, .shipped, .shippedRTS],
        .completed: [.pending, .confirmed, .inProcess, .ready, .shipped, .completed],
        .rts: [.pending, .confirmed, .inProcess, .ready, .shipped, .shippedRTS, .rts],
        .canceled: [.pending, .canceled],
        .closed: [.pending, .confirmed, .inProcess, .ready, .shipped, .completed, .closed],
    ]

    private var status: OrderStatus { OrderStatus.allCases[number % OrderStatus.allCases.count] }
    private var paymentMethod: String { SampleShop.paymentMethods[number % SampleShop.paymentMethods.count] }
    /// Two thirds of the orders belong to the first store, and half of those to its first customer.
    private var storeNumber: Int { number % 3 == 0 ? 1 : 0 }
    private var customerNumber: Int { storeNumber == 1 ? number / 3 % 2 : number % 2 == 0 ? 0 : 1 + number / 2 % 2 }
    private var isPaid: Bool { ![.draft, .pending, .canceled].contains(status) && paymentMethod != "no_payment" }
    private var wasShipped: Bool { Self.steps[status]!.contains(.shipped) && isPhysical }
    private var isPhysical: Bool { lines.contains { $0.product.itemType == "physical" } }

    private var lines: [(product: SampleProduct, quantity: Int)] {
        (0..<(1 + number % 3)).map { index in
            (SampleShop.products[(number + index * 2) % SampleShop.products.count], 1 + (number + index) % 3)
        }
    }

    private func time(afterMinutes minutes: Int) -> JSON {
        .string(Timestamp(microseconds: createdAt.microseconds + Int64(minutes) * 60_000_000).description)
    }

    /// The order as a merchant's system exports it; every ninth was migrated and still has an integer id.
    func json(using generator: inout RepeatableGenerator) -> JSON {
        let id = OrderID(mintedAt: createdAt, using: &generator)!
        let slug = (0..<24).map { _ in "abcdefghijkmnpqrstuvwxyz23456789".randomElement(using: &generator)! }
        let productPrice = lines.reduce(0) { $0 + $1.product.price * $1.quantity }
        let shippingCost = isPhysical ? 18_000 : 0
        let uniqueCode = paymentMethod == "bank_transfer" ? 100 + number : 0
        let grams = lines.reduce(0) { $0 + $1.product.grams * $1.quantity }
        let steps = Self.steps[status]!
        var members: [(String, JSON)] = [
            ("id", number % 9 == 0 ? .number(String(70_000 + number)) : .string(id.description)),
            ("order_id", .string("KTS-\(1000 + number)")),
            ("secret_slug", .string(String(slug))),
            ("store", ["unique_id": SampleShop.stores[storeNumber]["unique_id"]!]),
            ("customer", customer),
            ("status", .string(status.rawValue)),
            (
                "payment_status",
                .string(isPaid ? (number % 4 == 0 ? "settled" : "paid") : number % 10 == 1 ? "conflict" : "unpaid")
            ),
            ("payment_method", .string(paymentMethod)),
            ("sub_payment_method", paymentMethod.hasPrefix("va_") ? .string(paymentMethod.dropFirst(3).uppercased()) : .null),
            ("pg_payment_info", paymentInfo(amount: productPrice + shippingCost)),
            ("product_price", Self.amount(productPrice)),
            ("shipping_cost", Self.amount(shippingCost)),
            ("unique_code_discount", Self.amount(uniqueCode)),
            ("gross_revenue", Self.amount(productPrice + shippingCost - uniqueCode)),
            ("discount_rate", number % 5 == 0 ? "0.0750" : .null),
            ("orderlines", .array(lines.enumerated().map { line($1.product, quantity: $1.quantity, number: $0) })),
            ("destination_address", isPhysical ? address : .null),
            ("courier_service", isPhysical ? Self.courierService : .null),
            ("product_weight", .number(String(grams))),
            ("total_weight", .number(String(grams))),
            ("shipment_receipt", wasShipped ? .string("JNT\(5_500_000 + number)") : .null),
            ("shipment_status", wasShipped ? (status == .completed || status == .closed ? "delivered" : "in_transit") : .null),
            ("shipment_status_history", wasShipped ? shipmentHistory : []),
            ("is_dropshipping", false),
            ("notes", number % 4 == 0 ? "Tolong dibungkus rapi ya 🙏" : .null),
            ("created_at", time(afterMinutes: 0)),
            ("last_updated_at", time(afterMinutes: steps.count * 2)),
            ("unpaid_time", time(afterMinutes: 0)),
            ("paid_time", isPaid ? time(afterMinutes: 1) : .null),
            (
                "status_history",
                .array(steps.enumerated().map { ["status": .string($1.rawValue), "at": time(afterMinutes: $0 * 2)] })
            ),
        ]
        for (index, step) in steps.enumerated() where step != .shippedRTS {
            members.append(("\(step.rawValue)_time", time(afterMinutes: index * 2)))
        }
        return .object(JSONObject(members))
    }

    private var customer: JSON {
        let customer = SampleShop.customers[storeNumber][customerNumber]
        return [
            "id": .number(String(9000 + storeNumber * 100 + customerNumber)), "name": .string(customer.name),
            "email": .string(customer.email), "phone": .string("62811000\(storeNumber)\(customerNumber)00"),
            "status": "confirmed", "confirmed_at": "2026-01-05T03:00:00Z", "created_at": "2026-01-05T03:00:00Z",
            "last_updated_at": "2026-01-05T03:00:00Z",
        ]
    }

    private func line(_ product: SampleProduct, quantity: Int, number index: Int) -> JSON {
        [
            "id": .number(String(number * 10 + index)), "quantity": .number(String(quantity)),
            "variant": .number(String(400 + index)), "product_name": .string(product.name),
            "item_type": .string(product.itemType), "currency": "IDR", "pricing_type": "one_time",
            "variant_option1_value": product.option.map(JSON.string) ?? .null,
            "variant_price": Self.amount(product.price), "product_price": Self.amount(product.price * quantity),
            "discount": "0.00", "discount_code_discount": "0.00", "weight": .number(String(product.grams * quantity)),
        ]
    }

    private var address: JSON {
        [
            "id": .number(String(number)), "name": customer["name"]!, "phone": customer["phone"]!, "location": 9089,
            "address": .string("Jl. Melati No. \(number)"), "subdistrict": "Cempaka Putih", "city": "Kota Jakarta Pusat",
            "province": "DKI Jakarta", "postal_code": "10510",
        ]
    }

    private static let courierService: JSON = [
        "id": 121, "name": "EZ", "code": "EZ", "courier": ["id": 12, "name": "J&T Express", "code": "jnt"],
    ]

    private var shipmentHistory: JSON {
        [
            [
                "status": "picked_up", "description": "Paket diambil kurir", "timestamp": time(afterMinutes: 9),
                "timestamp_source": "Asia/Jakarta",
            ]
        ]
    }

    /// The payment provider's details, for the methods that have a provider.
    private func paymentInfo(amount: Int) -> JSON {
        switch paymentMethod {
        case "qris":
            [
                "qr_string": .string("00020101021226\(number)5802ID"), "status": "PENDING", "amount": .number(String(amount)),
                "currency": "IDR",
            ]
        case "invoice", "payment_link", "card":
            ["invoice_url": .string("https://example.com/invoices/\(number)"), "expiry_date": time(afterMinutes: 2880)]
        case "ovo", "dana", "shopeepay", "linkaja", "gopay":
            [
                "actions": [
                    ["action": "AUTH", "url": .string("https://example.com/pay/\(number)"), "url_type": "WEB", "method": "GET"]
                ]
            ]
        case "alfamart":
            ["payment_method": ["type": "OVER_THE_COUNTER", "over_the_counter": channel("payment_code", "ALFA\(number)")]]
        case let method where method.hasPrefix("va_"):
            [
                "payment_method": [
                    "type": "VIRTUAL_ACCOUNT", "virtual_account": channel("virtual_account_number", "88088\(10_000 + number)"),
                ]
            ]
        default: .null
        }
    }

    private func channel(_ name: String, _ value: String) -> JSON {
        [
            "channel_code": .string(paymentMethod.split(separator: "_").last!.uppercased()),
            "channel_properties": .object(
                JSONObject([
                    (name, .string(value)), ("customer_name", customer["name"]!), ("expires_at", time(afterMinutes: 2880)),
                ])),
        ]
    }

    private static func amount(_ rupiah: Int) -> JSON { .string("\(rupiah).00") }
}
