package import JSON

/// How an order is paid, in one shape for every payment method: what to pay, by when, where, and what to do. Derived each time, never stored.
package struct PaymentInstructions: Equatable, Sendable {
    package enum State: String, CaseIterable, Sendable {
        /// The payment is awaited.
        case unpaid
        /// The merchant found something wrong with it (`conflict`), or the courier has collected it and the merchant has not said so yet.
        case inReview = "in_review"
        case paid
        /// The time to pay is over.
        case expired
        /// The order was canceled, closed or sent back before it was paid.
        case canceled
        /// There is nothing to pay.
        case notNeeded = "not_needed"
    }

    package let state: State
    package let kind: PaymentKind
    /// As the order has it, for example `va_bca`.
    package let method: String
    /// To the rupiah: discounts, costs and the unique code are included. `nil` if there is nothing to pay.
    package let amount: Money?
    /// `nil` if the payment does not expire.
    package let expiresAt: Timestamp?
    package let destination: PaymentDestination
    /// The store's accounts that the buyer may transfer to; one of them if the order names it.
    package let accounts: [BankAccount]

    /// - Parameters:
    ///   - store: the merchant's store.
    ///   - time: when the order is read.
    package init(of order: JSON, store: JSON, at time: Timestamp) {
        method = order.optionalText("payment_method") ?? ""
        kind = PaymentKind(of: method)
        let information = order["pg_payment_info"] ?? .null
        destination = PaymentDestination(information, method: method, of: order)
        let expiresAt = kind.expires ? Self.end(of: order, information, store) : nil
        let amount = order.amount("gross_revenue")
        let (status, paymentStatus) = order.statuses
        state =
            switch paymentStatus {
            case .paid, .settled: .paid
            case .conflict, .unpaid, nil:
                if kind == .none || amount.map({ $0.minorUnits <= 0 }) ?? false {
                    .notNeeded
                } else if let status, Self.ended.contains(status) {
                    .canceled
                } else if paymentStatus == .conflict || kind == .onDelivery && status == .completed {
                    .inReview
                } else if let expiresAt, expiresAt <= time {
                    .expired
                } else {
                    .unpaid
                }
            }
        self.expiresAt = state == .unpaid || state == .expired ? expiresAt : nil
        self.amount = state == .notNeeded ? nil : amount
        accounts = kind == .bankTransfer && state == .unpaid ? BankAccount.all(of: order, store) : []
    }

    /// The statuses of orders that nobody is to pay any more.
    private static let ended: Set<OrderStatus> = [.canceled, .closed, .rts, .shippedRTS]

    /// The earliest of the times at which the payment provider and the store stop waiting.
    private static func end(of order: JSON, _ information: JSON, _ store: JSON) -> Timestamp? {
        var ends = [order, information].flatMap { ["payment_expiration_at", "expires_at", "expiry_date"].map($0.time) }
        for channel in PaymentDestination.channels {
            ends.append(information["payment_method"]?[channel]?["channel_properties"]?.time("expires_at"))
        }
        if let days = OrderExpiry(of: store)?.days, let status = order.statuses.status, OrderExpiry.statuses.contains(status) {
            ends.append(order.time("created_at")?.adding(seconds: days * 86_400))
        }
        return ends.compactMap(\.self).min()
    }

    /// The account, code or address to be paid to is shown only while that makes sense.
    private var isOpen: Bool { state == .unpaid }

    package var json: JSON {
        let destination = isOpen ? destination : PaymentDestination()
        let steps = PaymentSteps(self)
        return [
            "state": .string(state.rawValue), "kind": .string(kind.rawValue), "method": .string(method),
            "amount": JSON(amount?.description), "currency": "IDR", "expires_at": JSON(expiresAt?.description),
            "bank_accounts": .array(accounts.map(\.json)),
            "virtual_account": destination.virtualAccount?.json ?? .null,
            "payment_code": JSON(destination.paymentCode), "qr_string": JSON(destination.qrString), "url": JSON(destination.url),
            "steps": ["id": .array(steps.indonesian.map(JSON.string)), "en": .array(steps.english.map(JSON.string))],
        ]
    }

    package static let schema: JSON = {
        let text: JSON = ["type": ["string", "null"]]
        let account: (JSON) -> JSON = { type in
            [
                "type": type, "additionalProperties": false, "required": ["bank_code", "bank_name", "number", "holder"],
                "properties": ["bank_code": text, "bank_name": text, "number": text, "holder": text],
            ]
        }
        let steps: JSON = ["type": "array", "items": ["type": "string"]]
        let properties: [(String, JSON)] = [
            ("state", ["enum": .array(State.allCases.map { .string($0.rawValue) })]),
            ("kind", ["enum": .array(PaymentKind.allCases.map { .string($0.rawValue) })]),
            ("method", ["type": "string"]),
            ("amount", ["type": ["string", "null"], "pattern": #"^-?\d+\.\d{2}$"#]), ("currency", ["type": "string"]),
            ("expires_at", ["type": ["string", "null"], "format": "date-time"]),
            ("bank_accounts", ["type": "array", "items": account("object")]),
            ("virtual_account", account(["object", "null"])), ("payment_code", text), ("qr_string", text), ("url", text),
            (
                "steps",
                [
                    "type": "object", "additionalProperties": false, "required": ["id", "en"],
                    "properties": ["id": steps, "en": steps],
                ]
            ),
        ]
        return [
            "type": "object", "additionalProperties": false, "required": .array(properties.map { .string($0.0) }),
            "properties": .object(JSONObject(properties)),
        ]
    }()
}

extension JSON {
    /// The time in a member, as payment providers write it: RFC 3339, seconds or milliseconds since 1970, or a time of Jakarta without its offset; `nil`
    /// if there is none, or if it is no time.
    fileprivate func time(_ name: String) -> Timestamp? {
        guard let text = shownText(name) else { return nil }
        if let time = Timestamp(text) ?? Timestamp(text.replacing(" ", with: "T") + "+07:00") { return time }
        // From 1970 to the year 9999, in either unit.
        guard let number = Int64(text), (1...253_402_300_799_000).contains(number) else { return nil }
        return number < 100_000_000_000 ? Timestamp(seconds: number) : Timestamp(microseconds: number * 1000)
    }
}
