package import JSON

/// A move of an order to other statuses.
package struct StatusChange: Sendable {
    /// `nil` keeps it, as for the payment status.
    package let status: OrderStatus?
    package let paymentStatus: PaymentStatus?
    /// Who is named in the order's history; `nil` for nobody.
    package let by: String?
    /// What the order gets with the move, such as the time of a transfer.
    package let fields: [(name: String, value: JSON)]

    package init(
        status: OrderStatus?, paymentStatus: PaymentStatus?, by: String?, fields: [(name: String, value: JSON)] = []
    ) {
        self.status = status
        self.paymentStatus = paymentStatus
        self.by = by
        self.fields = fields
    }

    /// The order after the move: with the status, its time, an entry in its history and a new `last_updated_at`.
    /// - Returns: `nil` if the order has all that already.
    /// - Throws: ``NotAllowed`` if ``StatusMoves`` does not have the move; ``Refusal`` if the order can't be read.
    package func applied(to order: CurrentOrder, at time: Timestamp) throws -> JSON? {
        let json: JSON
        do { json = try JSON(parsing: order.document) } catch { throw Refusal("", "is not JSON") }
        let (before, paymentBefore) = json.statuses
        guard let before else { throw Refusal("status", "is not known") }
        let (next, nextPayment) = (status ?? before, paymentStatus ?? paymentBefore)
        let isNews = fields.contains { json[$0.name] != $0.value }
        guard next != before || nextPayment != paymentBefore || isNews else { return nil }
        let (allowed, allowedPayments) = (StatusMoves.allowed(from: before), StatusMoves.allowed(from: paymentBefore))
        guard next == before || allowed.contains(next) else {
            throw NotAllowed(field: "status", from: before.rawValue, allowed: allowed.map(\.rawValue))
        }
        if let nextPayment, nextPayment != paymentBefore, !allowedPayments.contains(nextPayment) {
            throw NotAllowed(
                field: "payment_status", from: paymentBefore?.rawValue ?? "none", allowed: allowedPayments.map(\.rawValue))
        }
        var fields = self.fields
        if next != before { fields += try json.entering(next.rawValue, "status", "status_history", at: time, by: by) }
        if let nextPayment, nextPayment != paymentBefore {
            fields += try json.entering(nextPayment.rawValue, "payment_status", "payment_status_history", at: time, by: by)
        }
        return json.replacing(fields).touched(at: time)
    }

    /// The order may not move there.
    package struct NotAllowed: Error, Equatable {
        /// `status` or `payment_status`.
        package let field: String
        package let from: String
        package let allowed: [String]
    }
}

extension JSON {
    /// The statuses of a merchant's order; `nil` for one that it does not have, or that is not known.
    package var statuses: (status: OrderStatus?, paymentStatus: PaymentStatus?) {
        func word<Word: RawRepresentable<String>>(_ name: String) -> Word? {
            if case .string(let text)? = self[name] { Word(rawValue: text) } else { nil }
        }
        return (word("status"), word("payment_status"))
    }

    /// The order with a new `last_updated_at`.
    package func touched(at time: Timestamp) -> JSON {
        let before = optionalText("last_updated_at").flatMap { Timestamp($0) }
        return replacing([("last_updated_at", .string(time.next(after: before).description))])
    }

    /// The fields of an order that enters a status. Each status but `shipped_rts` has its time (`api.md`).
    fileprivate func entering(
        _ word: String, _ field: String, _ history: String, at time: Timestamp, by: String?
    ) throws -> [(name: String, value: JSON)] {
        let entries: [JSON]
        switch self[history] {
        case nil, .null?, .string("")?: entries = []
        // PHP's empty list.
        case .object(let object)? where object.members.isEmpty: entries = []
        case .array(let before)?: entries = before
        default: throw Refusal(history, "is not a list")
        }
        let entry: JSON = ["status": .string(word), "time": .string(time.description), "by": by.map { .string($0) } ?? .null]
        var fields: [(name: String, value: JSON)] = [(field, .string(word)), (history, .array(entries + [entry]))]
        if word != OrderStatus.shippedRTS.rawValue { fields.append(("\(word)_time", .string(time.description))) }
        return fields
    }
}
