package import Orders

/// A storefront key or an origin of a store, with its time of validity.
package struct StorefrontAccessEntry: Hashable, Sendable {
    /// The key or the origin.
    package let text: String
    package let insertedAt: Timestamp
    package let updatedAt: Timestamp
    /// From this time on it is no longer accepted; `nil` if it has no end.
    package let expiresAt: Timestamp?
    /// Whether it was ended at once, and not by its end being reached.
    package let isRevoked: Bool

    package init(text: String, insertedAt: Timestamp, updatedAt: Timestamp, expiresAt: Timestamp?, isRevoked: Bool) {
        self.text = text
        self.insertedAt = insertedAt
        self.updatedAt = updatedAt
        self.expiresAt = expiresAt
        self.isRevoked = isRevoked
    }

    package func status(at time: Timestamp) -> AccessStatus { AccessStatus(isRevoked: isRevoked, expiresAt: expiresAt, at: time) }
}
