package import Orders

/// The sites and the merchants' systems that may call for each store. Every server keeps it in memory, so that preflights and keys are checked without a
/// query.
package struct AccessDirectory: Sendable {
    /// Each key or origin with its end, in microseconds since 1970.
    package typealias Entries = [StoreID: [String: Int64]]

    private let keys: Entries
    private let origins: Entries
    private let grants: [[UInt8]: BusinessGrant]

    /// - Parameter grants: those of business keys, by the digests of the keys.
    package init(keys: Entries = [:], origins: Entries = [:], grants: [[UInt8]: BusinessGrant] = [:]) {
        self.keys = keys
        self.origins = origins
        self.grants = grants
    }

    /// Whether the key belongs to the store and has not ended.
    package func has(_ key: String, of storeID: StoreID, at time: Timestamp = .now) -> Bool {
        keys[storeID]?[key].map { time.microseconds < $0 } ?? false
    }

    /// Whether the `Origin` is registered for the store and has not ended.
    package func allows(_ origin: String, for storeID: StoreID, at time: Timestamp = .now) -> Bool {
        origins[storeID]?[origin].map { time.microseconds < $0 } ?? false
    }

    /// What a business key allows, also if it has ended; `nil` if there is no such key or it was revoked.
    package func grant(presenting key: BusinessKey) -> BusinessGrant? { grants[key.digest] }
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
