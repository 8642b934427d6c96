package import Orders

/// A place for the signing keys.
package protocol SigningKeyStorage: Sendable {
    /// The keys that are kept, which are `new` alone where there were none; of several callers at the same time all get the same.
    /// - Throws: ``StorageFailure`` or ``SigningKeyFolder/Failed``, also where what is kept is no key.
    func keyRing(orElse new: SigningKey) async throws -> KeyRing

    /// Makes this the ring; of what is kept so far only the keys that are in it stay.
    /// - Throws: ``StorageFailure`` or ``SigningKeyFolder/Failed``.
    func keep(_ ring: KeyRing) async throws

    /// Whether the keys may be other ones than when they were read last.
    func mayHaveChanged() -> Bool
}

extension SigningKeyStorage {
    /// Puts a new key in the place of the one that signs.
    /// - Parameter revoking: whether all tokens that were given out before are invalid from now on.
    /// - Returns: the new ring.
    package func rotate(at time: Timestamp = .now, revoking: Bool) async throws -> KeyRing {
        let new = SigningKey()
        let ring = try await keyRing(orElse: new)
        let next = revoking ? KeyRing([KeyRing.Entry(new, usedFrom: time)]) : ring.rotated(to: new, at: time)
        try await keep(next)
        return next
    }
}
