/// The secret link of an order, as its merchant or its buyer sees it.
package struct OrderLink: Equatable, Sendable {
    package let orderID: OrderID
    package let secretSlug: String
    /// `nil` if the service does not know its public URL.
    package let url: String?
    /// From when on the link leads nowhere; `nil` if it has no end.
    package let endsAt: Timestamp?
    /// How often the order was looked at by the link, hour by hour, the newest first.
    package let looks: [OrderLooks]

    package init(orderID: OrderID, secretSlug: String, url: String?, endsAt: Timestamp?, looks: [OrderLooks]) {
        self.orderID = orderID
        self.secretSlug = secretSlug
        self.url = url
        self.endsAt = endsAt
        self.looks = looks
    }
}

/// What is to become of a link.
package struct OrderLinkChange: Equatable, Sendable {
    package enum End: Equatable, Sendable {
        case never
        case at(Timestamp)
    }

    /// Whether it gets a new secret. The old one leads nowhere at once, on every server.
    package let rotates: Bool
    /// From when on it leads nowhere. A new secret has no end, unless one is given.
    package let end: End?

    package init(rotates: Bool, end: End?) {
        self.rotates = rotates
        self.end = end
    }
}

/// From when on a secret leads nowhere. It is written together with the order whose link it is.
package struct OrderLinkEnd: Equatable, Sendable {
    package let storeID: StoreID
    package let secretSlug: String
    /// `nil` if it has no end.
    package let endsAt: Timestamp?

    package init(of secretSlug: String, in storeID: StoreID, at endsAt: Timestamp?) {
        self.storeID = storeID
        self.secretSlug = secretSlug
        self.endsAt = endsAt
    }
}

/// How often an order was looked at by its link within an hour: when, and never by whom.
package struct OrderLooks: Equatable, Sendable {
    /// The beginning of the hour.
    package let hour: Timestamp
    package let count: Int64

    package init(hour: Timestamp, count: Int64) {
        self.hour = hour
        self.count = count
    }
}

/// Keeps the ends of secret links, and how often orders were looked at by them. Every method throws only ``StorageFailure``.
package protocol OrderLinkStorage: Sendable {
    /// From when on the link with a secret leads nowhere; `nil` if it has no end.
    func linkEnd(of secretSlug: String, in storeID: StoreID) async throws -> Timestamp?

    /// The looks of at most so many hours.
    func looks(at id: OrderID, in storeID: StoreID, limit: Int) async throws -> [OrderLooks]

    /// Adds looks to those that were counted.
    func count(_ looks: [(order: OrderKey, looks: OrderLooks)]) async throws
}
