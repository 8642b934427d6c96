package import Orders

extension OrderReading {
    /// The version of a buyer's order; `nil` if the buyer has no such order.
    package func version(of reference: OrderReference, for buyer: Buyer) async throws -> OrderVersion? {
        try await withCheckedThrowingContinuation { continuation in
            readVersion(of: reference, for: buyer) { continuation.resume(with: $0) }
        }
    }

    /// A buyer's order; `nil` if the buyer has no such order.
    package func order(_ reference: OrderReference, for buyer: Buyer) async throws -> StoredOrder? {
        try await withCheckedThrowingContinuation { continuation in
            readOrder(reference, for: buyer) { continuation.resume(with: $0) }
        }
    }
}
