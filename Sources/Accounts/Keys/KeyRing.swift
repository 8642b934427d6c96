import JSON
package import Orders

/// The signing keys of an installation: the current one, and earlier ones whose tokens are still valid until they expire.
package struct KeyRing: Sendable {
    package struct Entry: Sendable {
        package let key: SigningKey
        /// When it starts to sign; it verifies as soon as it is known.
        package let usedFrom: Timestamp

        package init(_ key: SigningKey, usedFrom: Timestamp) {
            self.key = key
            self.usedFrom = usedFrom
        }
    }

    /// The maximum lifetime of a token, in seconds. A key is kept for that long after the next one replaces it.
    package static let longestLifetime: Int64 = 30 * 86400

    /// How long a new key is known before it signs, in seconds, so that all servers can verify what any of them signs.
    package static let announcement: Int64 = 5

    /// Oldest first; never empty.
    package let entries: [Entry]

    /// - Parameter entries: in any order, at least one.
    package init(_ entries: [Entry]) {
        precondition(!entries.isEmpty)
        self.entries = entries.sorted { ($0.usedFrom, $0.key.id) < ($1.usedFrom, $1.key.id) }
    }

    /// A ring of one key.
    package init(_ key: SigningKey) { self.init([Entry(key, usedFrom: Timestamp(seconds: 0))]) }

    /// The key that signs at the given time.
    package func current(at time: Timestamp) -> SigningKey {
        (entries.last { $0.usedFrom <= time } ?? entries[0]).key
    }

    /// This ring without the keys whose tokens have all expired.
    package func pruned(at time: Timestamp) -> KeyRing {
        let kept = entries.indices.filter { position in
            position == entries.count - 1
                || entries[position + 1].usedFrom.seconds + Self.longestLifetime > time.seconds
        }
        return KeyRing(kept.map { entries[$0] })
    }

    /// This ring with a new key, which signs as soon as every server knows it.
    package func rotated(to key: SigningKey, at time: Timestamp) -> KeyRing {
        // Later than every other key, even if the previous one has not been used yet: no two keys share a start time.
        let newest = entries.last?.usedFrom.seconds ?? 0
        let usedFrom = max(time.seconds + Self.announcement, newest + 1)
        return KeyRing(entries + [Entry(key, usedFrom: Timestamp(seconds: usedFrom))]).pruned(at: time)
    }

    /// The public keys as a JSON Web Key Set (RFC 7517), newest first.
    package var publicKeySet: [UInt8] {
        let set: JSON = ["keys": .array(entries.reversed().map(\.key.publicKey))]
        return set.encoded
    }

    /// The ids of the keys, oldest first.
    package var ids: [String] { entries.map(\.key.id) }
}
