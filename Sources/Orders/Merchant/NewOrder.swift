package import JSON

/// A new order of a merchant, before anything is known of it but whose it is.
package struct NewOrder: Sendable {
    package let id: OrderID
    /// The merchant's order, in the shape of an import.
    package let json: JSON

    /// The order's number is the date and eight of 32 letters and digits without those that look alike: 10^12 for each day.
    private static let numberAlphabet = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZ".utf8)
    /// 43 of 64 characters are 258 bits, which nobody guesses.
    private static let slugAlphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_".utf8)
    private static let slugLength = 43

    /// Whether the customer is made for this order.
    package var makesCustomer = false

    package init(id: OrderID, json: JSON, makesCustomer: Bool) {
        self.id = id
        self.json = json
        self.makesCustomer = makesCustomer
    }

    /// - Parameters:
    ///   - store: the merchant's store.
    ///   - customer: the customer as stored, or a new one.
    ///   - number: the merchant's own number for the order; `nil` makes one.
    ///   - by: who is named in the order's history.
    package init(
        in store: JSON, for customer: JSON, number: String?, by name: String?, at time: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) {
        // The clock has shown no time before 1970 or after 10889.
        id = OrderID(mintedAt: time, using: &generator) ?? OrderID(mintedAt: Timestamp(seconds: 0), using: &generator)!
        let now = JSON.string(time.description)
        let date = time.description.prefix(10).dropFirst(2).filter { $0 != "-" }
        let entry: (String) -> JSON = { ["status": .string($0), "time": now, "by": JSON(name)] }
        let text: (String) -> (String, JSON) = { ($0, .null) }
        let zero: (String) -> (String, JSON) = { ($0, "0.00") }
        var members: [(String, JSON)] = [
            ("id", .string(id.description)),
            ("order_id", .string(number ?? date + Self.random(8, of: Self.numberAlphabet, &generator))),
            ("secret_slug", .string(Self.secretSlug(using: &generator))),
            ("status", .string(OrderStatus.draft.rawValue)), ("payment_status", .string(PaymentStatus.unpaid.rawValue)),
            ("payment_method", "bank_transfer"), text("sub_payment_method"), text("pg_payment_info"),
            ("store", MerchantStore.inOrder(store)),
            ("customer", customer),
        ]
        members += ["product_price", "gross_revenue", "shipping_cost", "unique_code_discount", "discount_code_discount"].map(zero)
        members += ["product_discount", "other_income", "shipping_discount"].map(zero)
        members += ["discount_code_code", "other_income_name", "destination_address", "courier_service", "shipment_receipt"].map(
            text)
        members += [
            ("orderlines", []), ("final_variants", .null), ("total_quantity", 0), ("is_dropshipping", false),
            ("shipment_status", .null), ("awb_status", "unavailable"), ("shipment_status_history", []),
            ("status_history", [entry("draft")]), ("payment_status_history", [entry("unpaid")]),
        ]
        members += ["notes", "payment_account_holder", "payment_account_number", "transferproof_url", "transfer_time"].map(text)
        members += [("created_at", now), ("last_updated_at", now), ("draft_time", now), ("unpaid_time", now)]
        json = .object(JSONObject(members))
    }

    /// A new secret for an order's link.
    package static func secretSlug(using generator: inout some RandomNumberGenerator) -> String {
        random(slugLength, of: slugAlphabet, &generator)
    }

    /// Random characters of an alphabet that has a power of two of them: several from each number of the generator, which asks the system for each.
    private static func random(
        _ count: Int, of alphabet: [UInt8], _ generator: inout some RandomNumberGenerator
    ) -> String {
        let bits = alphabet.count.trailingZeroBitCount
        var (characters, rest, left): ([UInt8], UInt64, Int) = ([], 0, 0)
        while characters.count < count {
            if left < bits { (rest, left) = (generator.next(), 64) }
            characters.append(alphabet[Int(rest & UInt64(alphabet.count - 1))])
            (rest, left) = (rest >> UInt64(bits), left - bits)
        }
        return String(decoding: characters, as: UTF8.self)
    }
}
