/// Which statuses an order may move to. A move that is not here is refused, whoever asks for it.
///
/// Merchants do move orders back (`api.md`): among the statuses before shipping, any move is allowed. From there on:
///
/// | from | to |
/// | --- | --- |
/// | `shipped` | back to before shipping, `completed`, `rts` |
/// | `shipped_rts` (on the way back) | `shipped`, `completed`, `rts` |
/// | `completed` | back to `ready` or `shipped`, `rts`, `closed` |
/// | `rts` (returned to sender) | once more to `in_process`, `ready` or `shipped`, `completed`, `canceled`, `closed` |
/// | `canceled` | again to before shipping, `closed` |
/// | `closed` | back to `completed`, `rts`, `canceled` |
///
/// `shipped_rts` is what a courier reports: nobody moves an order there by hand (`surroundings.md`, section 5).
///
/// | payment from | to |
/// | --- | --- |
/// | `unpaid` | `paid`, `conflict`, `settled` |
/// | `paid` | `unpaid`, `conflict`, `settled` |
/// | `conflict` | `unpaid`, `paid` |
/// | `settled` | `paid` |
package enum StatusMoves {
    private static let beforeShipping: [OrderStatus] = [.draft, .pending, .confirmed, .inProcess, .ready]

    /// The statuses to which an order may move, in the order of their declaration.
    package static func allowed(from status: OrderStatus) -> [OrderStatus] {
        let allowed: [OrderStatus] =
            switch status {
            case .draft, .pending, .confirmed, .inProcess, .ready:
                beforeShipping.filter { $0 != status } + [.shipped, .completed, .canceled]
            case .shipped: beforeShipping + [.completed, .rts]
            case .shippedRTS: [.shipped, .completed, .rts]
            case .completed: [.ready, .shipped, .rts, .closed]
            case .rts: [.inProcess, .ready, .shipped, .completed, .canceled, .closed]
            case .canceled: beforeShipping + [.closed]
            case .closed: [.completed, .rts, .canceled]
            }
        return OrderStatus.allCases.filter(allowed.contains)
    }

    /// The payment statuses to which an order may move, in the order of their declaration. One without a payment status has not been paid.
    package static func allowed(from status: PaymentStatus?) -> [PaymentStatus] {
        switch status {
        case nil: PaymentStatus.allCases
        case .unpaid: [.paid, .conflict, .settled]
        case .paid: [.unpaid, .conflict, .settled]
        case .conflict: [.unpaid, .paid]
        case .settled: [.paid]
        }
    }
}
