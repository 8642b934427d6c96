package import JSON

/// When a store cancels orders that nobody has paid: `auto_expire_days` after they were created, if it says `is_auto_expire`.
///
/// Only orders that wait for their payment: those in `draft`, `pending` or `confirmed`, because a merchant who prepares or ships an order means to
/// deliver it; and none that is paid later or elsewhere. An order that was due more than a month ago came so, from an archive, and stays as it is.
package struct OrderExpiry: Sendable {
    /// From 1 to 3650.
    package let days: Int64

    /// For how long an order stays due, in seconds.
    private static let patience: Int64 = 30 * 86_400

    package static let statuses: [OrderStatus] = [.draft, .pending, .confirmed]
    /// The payment methods of orders that are not paid in advance.
    package static let paidLater: Set = ["cod", "no_payment", "marketplace"]

    /// `nil` if the store keeps its orders.
    /// - Parameter store: the merchant's store.
    package init?(of store: JSON) {
        guard store["is_auto_expire"] == true else { return nil }
        let days: Int64? =
            switch store["auto_expire_days"] {
            case .number(let digits)?: DecimalText(digits)?.whole
            case .string(let text)?: DecimalText(text)?.whole
            default: nil
            }
        guard let days, (1...3650).contains(days) else { return nil }
        self.days = days
    }

    /// The orders in a status that may be due.
    package func filter(_ status: OrderStatus, at time: Timestamp) -> OrderFilter {
        var filter = OrderFilter()
        filter.status = status
        filter.paymentStatus = .unpaid
        filter.excludedPaymentMethods = Self.paidLater
        let due = time.adding(seconds: -days * 86_400)
        filter.created = OrderFilter.Span(since: due.adding(seconds: -Self.patience), until: due)
        return filter
    }

    /// The order after it was canceled; `nil` if it is not due, for example because it was paid in the meantime.
    package func applied(to order: CurrentOrder, at time: Timestamp) -> JSON? {
        guard let json = try? JSON(parsing: order.document), let status = json.statuses.status,
            Self.statuses.contains(status), json.statuses.paymentStatus == .unpaid,
            !Self.paidLater.contains(json.optionalText("payment_method") ?? "")
        else { return nil }
        return try? StatusChange(status: .canceled, paymentStatus: nil, by: nil).applied(to: order, at: time)
    }
}
