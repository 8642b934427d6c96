package import Orders

extension Failure {
    /// Elements of a list of orders are none of the store's.
    /// - Parameter positions: those of the elements, counted from 0.
    package static func unknownOrders(_ positions: [Int]) -> Failure {
        .invalidContent(positions.map { FieldError("ids[\($0)]", "is no order of this store") })
    }

    /// The order may not move to that status.
    package static func statusNotAllowed(_ refused: StatusChange.NotAllowed, order: OrderID) -> Failure {
        Failure(
            .stateConflict, "status_not_allowed",
            "\(refused.field) of order \(order) can't become that from \(refused.from): allowed is \(refused.allowed.joined(separator: ", "))"
        )
    }

    /// An order is stored that can't be changed as it is.
    static func orderNotUsable(_ refusal: Refusal, order: OrderID) -> Failure {
        Failure(.stateConflict, "order_not_usable", "Order \(order) can't be changed: \(refusal)")
    }

    /// The order is not what the change is based on.
    package static let orderChanged = Failure(
        .preconditionFailed, "order_changed", "The order was changed in the meantime: read it again")
}
