/// Changes of a few orders that are written together, with the answer to the request that asks for them.
package struct OrderWrite: Sendable {
    package let changes: [OrderChange]
    /// Whether to write nothing if any change is refused.
    package let allOrNothing: Bool
    /// The answer to give again if the request is repeated; `nil` if it can't be recognized.
    package let answer: RememberedAnswer?
    /// The ends of links that are written with the changes, unless any is refused.
    package let linkEnds: [OrderLinkEnd]
    package let time: Timestamp

    package init(
        _ changes: [OrderChange], allOrNothing: Bool, answer: RememberedAnswer? = nil, linkEnds: [OrderLinkEnd] = [],
        at time: Timestamp
    ) {
        self.changes = changes
        self.allOrNothing = allOrNothing
        self.answer = answer
        self.linkEnds = linkEnds
        self.time = time
    }

    /// The stores in which something is written.
    package var stores: Set<StoreID> {
        Set(changes.map(\.after.storeID) + linkEnds.map(\.storeID) + (answer.map { [$0.key.storeID] } ?? []))
    }
}

/// The outcome of a write.
package enum OrderWriteResult: Equatable, Sendable {
    /// The outcome of each change, in order.
    case written([WriteOutcome])
    /// The request has been answered before, so nothing was written.
    case answeredBefore
}

/// The key of a request that may be repeated (`Idempotency-Key`).
package struct RequestKey: Hashable, Sendable {
    package let storeID: StoreID
    /// 1 to 255 bytes, as the caller sent it.
    package let text: String

    package init(storeID: StoreID, text: String) {
        self.storeID = storeID
        self.text = text
    }
}

/// The answer to a request, kept so that the same request gets it again.
package struct RememberedAnswer: Equatable, Sendable {
    package let key: RequestKey
    /// Of everything in the request that matters. Another request with the same key is a mistake.
    package let digest: [UInt8]
    package let status: Int
    package let headers: [Header]
    package let body: [UInt8]
    /// From when on the key may be used anew.
    package let expiresAt: Timestamp

    package struct Header: Equatable, Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(key: RequestKey, digest: [UInt8], status: Int, headers: [Header], body: [UInt8], expiresAt: Timestamp) {
        self.key = key
        self.digest = digest
        self.status = status
        self.headers = headers
        self.body = body
        self.expiresAt = expiresAt
    }
}
