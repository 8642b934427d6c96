package import Orders

/// Storage for the signing keys.
package protocol SigningKeyStorage: Sendable {
    /// The stored keys. If there are none, `new` is stored first; concurrent callers all get the same keys.
    /// - Throws: ``StorageFailure`` or ``SigningKeyFolder/Failed``, also if what is stored is not a key.
    func keyRing(orElse new: SigningKey) async throws -> KeyRing

    /// Replaces the stored ring, one caller at a time. Keys missing from the new ring are deleted.
    /// - Parameters:
    ///   - new: the key to store if there was none.
    ///   - change: derives the new ring from the stored one.
    /// - Returns: the new ring.
    /// - Throws: ``StorageFailure`` or ``SigningKeyFolder/Failed``.
    func change(orElse new: SigningKey, _ change: @escaping @Sendable (KeyRing) -> KeyRing) async throws -> KeyRing

    /// Whether the keys may have changed since they were last read.
    func mayHaveChanged() -> Bool
}

extension SigningKeyStorage {
    /// Replaces the current key with a new one.
    /// - Parameter revoking: whether to invalidate all tokens issued so far.
    /// - Returns: the new ring.
    package func rotate(at time: Timestamp = .now, revoking: Bool) async throws -> KeyRing {
        let new = SigningKey()
        return try await change(orElse: SigningKey()) { ring in
            revoking ? KeyRing([KeyRing.Entry(new, usedFrom: time)]) : ring.rotated(to: new, at: time)
        }
    }
}
