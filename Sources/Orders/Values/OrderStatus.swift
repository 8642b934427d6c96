/// The status of an order (`api.md`).
package enum OrderStatus: String, CaseIterable, Sendable {
    case draft, pending, confirmed
    case inProcess = "in_process"
    case ready, shipped
    case shippedRTS = "shipped_rts"
    case completed
    /// Returned to sender.
    case rts
    case canceled, closed
}

/// The payment status of an order (`api.md`).
package enum PaymentStatus: String, CaseIterable, Sendable {
    case unpaid, paid, conflict, settled

    /// Whether the merchant has the payment.
    package var isPaid: Bool { self == .paid || self == .settled }
}
