package import Orders

/// What a business key may be used for (`surroundings.md`, section 5). The raw values are stored.
package enum BusinessScope: String, CaseIterable, Sendable {
    case listOrders = "order:list"
    case readOrders = "order:read"
    case createOrders = "order:create"
    case updateOrders = "order:update"
    case changeStatus = "order:change_status"
    case deleteOrders = "order:delete"
    case readStore = "store:read"
    case updateStore = "store:update"
    case listCustomers = "customer:list"
    case readCustomers = "customer:read"
    case createCustomers = "customer:create"
    case updateCustomers = "customer:update"
    case readWebhooks = "webhook:read"
    case updateWebhooks = "webhook:update"
}

/// What a business key allows.
package struct BusinessGrant: Hashable, Sendable {
    /// Of the key; it is no secret.
    package let id: UUIDBytes
    package let storeID: StoreID
    /// `nil` if it may be used for everything, also for what later versions add.
    package let scopes: Set<BusinessScope>?
    /// From when on the key is no longer accepted; `nil` if it has no end.
    package let expiresAt: Timestamp?

    package init(id: UUIDBytes, storeID: StoreID, scopes: Set<BusinessScope>?, expiresAt: Timestamp?) {
        self.id = id
        self.storeID = storeID
        self.scopes = scopes
        self.expiresAt = expiresAt
    }

    package func allows(_ scope: BusinessScope) -> Bool { scopes?.contains(scope) ?? true }
}

/// A business key as its merchant sees it after it was shown once.
package struct BusinessKeyEntry: Hashable, Sendable {
    package let grant: BusinessGrant
    /// The kind of the key and its last four characters, by which its owner recognizes it.
    package let hint: String
    package let insertedAt: Timestamp
    package let isRevoked: Bool

    package init(grant: BusinessGrant, hint: String, insertedAt: Timestamp, isRevoked: Bool) {
        self.grant = grant
        self.hint = hint
        self.insertedAt = insertedAt
        self.isRevoked = isRevoked
    }

    package func status(at time: Timestamp) -> AccessStatus {
        AccessStatus(isRevoked: isRevoked, expiresAt: grant.expiresAt, at: time)
    }
}
