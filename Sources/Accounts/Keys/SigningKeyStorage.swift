package import Orders

/// A place for the signing keys.
package protocol SigningKeyStorage: Sendable {
    /// The keys that are kept, which are `new` alone where there were none; of several callers at the same time all get the same.
    /// - Throws: ``StorageFailure`` or ``SigningKeyFolder/Failed``, also where what is kept is no key.
    func keyRing(orElse new: SigningKey) async throws -> KeyRing

    /// Replaces the ring that is kept, one caller at a time; keys that are not in the new one are deleted.
    /// - Parameters:
    ///   - new: what is kept where there was none before.
    ///   - change: makes the ring from the one that is kept.
    /// - Returns: the ring that is kept from then on.
    /// - Throws: ``StorageFailure`` or ``SigningKeyFolder/Failed``.
    func change(orElse new: SigningKey, _ change: @escaping @Sendable (KeyRing) -> KeyRing) async throws -> KeyRing

    /// Whether the keys may have changed since they were read last.
    func mayHaveChanged() -> Bool
}

extension SigningKeyStorage {
    /// Puts a new key in the place of the one that signs.
    /// - Parameter revoking: whether all tokens that were given out before are invalid from now on.
    /// - Returns: the new ring.
    package func rotate(at time: Timestamp = .now, revoking: Bool) async throws -> KeyRing {
        let new = SigningKey()
        return try await change(orElse: SigningKey()) { ring in
            revoking ? KeyRing([KeyRing.Entry(new, usedFrom: time)]) : ring.rotated(to: new, at: time)
        }
    }
}
