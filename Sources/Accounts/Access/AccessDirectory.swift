package import Orders

/// The sites that may call for each store. Every server keeps it in memory, so that preflights and keys are checked without a
/// query.
package struct AccessDirectory: Sendable {
    /// Each key or origin with its end, in microseconds since 1970.
    package typealias Entries = [StoreID: [String: Int64]]

    private let keys: Entries
    private let origins: Entries

    package init(keys: Entries = [:], origins: Entries = [:]) {
        self.keys = keys
        self.origins = origins
    }

    /// Whether the key belongs to the store and has not ended.
    package func has(_ key: String, of storeID: StoreID, at time: Timestamp = .now) -> Bool {
        keys[storeID]?[key].map { time.microseconds < $0 } ?? false
    }

    /// Whether the `Origin` is registered for the store and has not ended.
    package func allows(_ origin: String, for storeID: StoreID, at time: Timestamp = .now) -> Bool {
        origins[storeID]?[origin].map { time.microseconds < $0 } ?? false
    }
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
