package import Crypto
import Foundation
import Orders

/// The ES256 key that signs access tokens, kept in a file that only its owner may read.
package struct SigningKey: Sendable {
    package let privateKey: P256.Signing.PrivateKey

    /// The key's JWK thumbprint (RFC 7638), the `kid` of every token that it signs.
    package let id: String

    package init(_ privateKey: P256.Signing.PrivateKey = .init()) {
        self.privateKey = privateKey
        let (x, y) = Self.coordinates(of: privateKey.publicKey)
        let members: JSON = ["crv": "P-256", "kty": "EC", "x": .string(x), "y": .string(y)]
        id = Data(SHA256.hash(data: members.encoded)).base64URLEncoded
    }

    /// The public half, as a JSON Web Key Set (RFC 7517).
    package var publicKeySet: [UInt8] {
        let (x, y) = Self.coordinates(of: privateKey.publicKey)
        let key: JSON = [
            "kty": "EC", "crv": "P-256", "x": .string(x), "y": .string(y), "use": "sig", "alg": "ES256", "kid": .string(id),
        ]
        let set: JSON = ["keys": [key]]
        return set.encoded
    }

    private static func coordinates(of key: P256.Signing.PublicKey) -> (x: String, y: String) {
        (key.rawRepresentation.prefix(32).base64URLEncoded, key.rawRepresentation.suffix(32).base64URLEncoded)
    }
}

extension DataProtocol {
    /// Base64 with the alphabet of RFC 4648, section 5, without padding.
    fileprivate var base64URLEncoded: String {
        Data(self).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
