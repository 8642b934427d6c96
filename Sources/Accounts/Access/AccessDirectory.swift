package import Orders

/// Which sites may call for which store: small, and kept in memory by every server, so that preflights and keys are looked up there.
package struct AccessDirectory: Sendable {
    private let keys: [StoreID: Set<String>]
    private let origins: [StoreID: Set<String>]

    package init(keys: [StoreID: Set<String>] = [:], origins: [StoreID: Set<String>] = [:]) {
        self.keys = keys
        self.origins = origins
    }

    /// Whether a key is one of the store's.
    package func has(_ key: String, of storeID: StoreID) -> Bool { keys[storeID]?.contains(key) ?? false }

    /// Whether an `Origin` is one of the store's.
    package func allows(_ origin: String, for storeID: StoreID) -> Bool { origins[storeID]?.contains(origin) ?? false }
}

/// What changed about who has access since something was asked last.
package struct AccessNews: Sendable {
    /// Grows with each change of revocations, storefront keys and origins.
    package let number: Int64
    /// The directory, where that has changed.
    package let directory: AccessDirectory?
    /// The revocations that are new.
    package let revocations: [Revocation]

    package init(number: Int64, directory: AccessDirectory?, revocations: [Revocation]) {
        self.number = number
        self.directory = directory
        self.revocations = revocations
    }
}
