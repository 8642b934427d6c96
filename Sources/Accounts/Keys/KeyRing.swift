import JSON
package import Orders

/// The signing keys of an installation: the one that signs, and those before it, whose tokens live out their time.
package struct KeyRing: Sendable {
    package struct Entry: Sendable {
        package let key: SigningKey
        /// From when on it signs; it verifies as soon as it is known.
        package let usedFrom: Timestamp

        package init(_ key: SigningKey, usedFrom: Timestamp) {
            self.key = key
            self.usedFrom = usedFrom
        }
    }

    /// How long a token lives at the most, in seconds: so long a key is kept after the next one has taken its place.
    package static let longestLifetime: Int64 = 30 * 86400

    /// How long a new key is known before it signs, in seconds, so that every server can verify what one of them has signed.
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

    /// The key that signs at a time.
    package func current(at time: Timestamp) -> SigningKey {
        (entries.last { $0.usedFrom <= time } ?? entries[0]).key
    }

    /// This ring less the keys of which no token can be valid any more.
    package func pruned(at time: Timestamp) -> KeyRing {
        let kept = entries.indices.filter { position in
            position == entries.count - 1
                || entries[position + 1].usedFrom.seconds + Self.longestLifetime > time.seconds
        }
        return KeyRing(kept.map { entries[$0] })
    }

    /// This ring with another key that is to sign from now on, as soon as every server knows it.
    package func rotated(to key: SigningKey, at time: Timestamp) -> KeyRing {
        // Later than every other, also where the one before is not used yet: no two have the same time.
        let newest = entries.last?.usedFrom.seconds ?? 0
        let usedFrom = max(time.seconds + Self.announcement, newest + 1)
        return KeyRing(entries + [Entry(key, usedFrom: Timestamp(seconds: usedFrom))]).pruned(at: time)
    }

    /// The public halves, as a JSON Web Key Set (RFC 7517), the newest first.
    package var publicKeySet: [UInt8] {
        let set: JSON = ["keys": .array(entries.reversed().map(\.key.publicKey))]
        return set.encoded
    }

    /// The ids of the keys, oldest first.
    package var ids: [String] { entries.map(\.key.id) }
}
