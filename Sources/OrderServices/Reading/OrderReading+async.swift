import Orders

extension OrderReading {
    /// A buyer's order; `nil` if the buyer has no such order.
    /// - Throws: ``StorageFailure``.
    func storedOrder(_ id: OrderID, for buyer: Buyer) async throws -> StoredOrder? {
        try await withCheckedThrowingContinuation { continuation in
            readOrder(.id(id), for: buyer) { continuation.resume(with: $0) }
        }
    }

    /// The version of a buyer's order; `nil` if the buyer has no such order.
    /// - Throws: ``StorageFailure``.
    func version(of id: OrderID, for buyer: Buyer) async throws -> OrderVersion? {
        try await withCheckedThrowingContinuation { continuation in
            readVersion(of: .id(id), for: buyer) { continuation.resume(with: $0) }
        }
    }
}
