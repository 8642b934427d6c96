import Crypto

/// A place for the signing key that several servers share.
package protocol SigningKeyStorage: Sendable {
    /// The key that is kept, which is `new` where there was none before; of several callers at the same time all get the same one.
    /// - Throws: ``StorageFailure``, also where what is kept is no key.
    func signingKey(orElse new: SigningKey) async throws -> SigningKey
}

extension SigningKey {
    /// The key as text (PEM), for those who keep it.
    package var pem: String { privateKey.pemRepresentation }

    /// `nil` where the text is no P-256 private key in PEM.
    package init?(pem: String) {
        guard let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) else { return nil }
        self.init(key)
    }
}
