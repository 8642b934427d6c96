package import Orders

/// The sites that may call for each store. Every server keeps it in memory, so that preflights and keys are checked without a
/// query.
package struct AccessDirectory: Sendable {
    private let keys: [StoreID: Set<String>]
    private let origins: [StoreID: Set<String>]

    package init(keys: [StoreID: Set<String>] = [:], origins: [StoreID: Set<String>] = [:]) {
        self.keys = keys
        self.origins = origins
    }

    /// Whether the key belongs to the store.
    package func has(_ key: String, of storeID: StoreID) -> Bool { keys[storeID]?.contains(key) ?? false }

    /// Whether the `Origin` is registered for the store.
    package func allows(_ origin: String, for storeID: StoreID) -> Bool { origins[storeID]?.contains(origin) ?? false }
}

/// The changes to access rules since the last query.
package struct AccessNews: Sendable {
    /// Increases with each change of revocations, storefront keys and origins.
    package let number: Int64
    /// The directory; `nil` if it has not changed.
    package let directory: AccessDirectory?
    /// The new revocations.
    package let revocations: [Revocation]

    package init(number: Int64, directory: AccessDirectory?, revocations: [Revocation]) {
        self.number = number
        self.directory = directory
        self.revocations = revocations
    }
}
