package import Crypto
import Foundation
import JSON
import Orders

/// An ES256 key that signs tokens.
package struct SigningKey: Sendable {
    package let privateKey: P256.Signing.PrivateKey

    /// The key's JWK thumbprint (RFC 7638), used as the `kid` of the tokens it signs.
    package let id: String

    package init(_ privateKey: P256.Signing.PrivateKey = .init()) {
        self.privateKey = privateKey
        let (x, y) = Self.coordinates(of: privateKey.publicKey)
        let members: JSON = ["crv": "P-256", "kty": "EC", "x": .string(x), "y": .string(y)]
        id = Data(SHA256.hash(data: members.encoded)).base64URLEncoded
    }

    /// The public key as a JSON Web Key (RFC 7517).
    var publicKey: JSON {
        let (x, y) = Self.coordinates(of: privateKey.publicKey)
        return ["kty": "EC", "crv": "P-256", "x": .string(x), "y": .string(y), "use": "sig", "alg": "ES256", "kid": .string(id)]
    }

    /// The private key in PEM, for storage.
    package var pem: String { privateKey.pemRepresentation }

    /// `nil` if the text is not a P-256 private key in PEM.
    package init?(pem: String) {
        guard let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) else { return nil }
        self.init(key)
    }

    private static func coordinates(of key: P256.Signing.PublicKey) -> (x: String, y: String) {
        (key.rawRepresentation.prefix(32).base64URLEncoded, key.rawRepresentation.suffix(32).base64URLEncoded)
    }
}
