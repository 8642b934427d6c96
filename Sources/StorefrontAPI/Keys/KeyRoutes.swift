import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON

/// The public keys, for clients that verify tokens themselves.
struct KeyRoutes: Sendable {
    let tokens: AccessTokens

    func add(to routes: inout Routes) {
        routes.add(Self.get, .anybody) { [tokens] _, _ in
            var response = Response(json: tokens.publicKeySet)
            // A new key signs only a few seconds after it is published.
            response.headers[.cacheControl] = "no-cache"
            return response
        }
        routes.add(schema: Self.schema, named: "KeySet")
    }

    private static let get = Operation(
        .get, "/.well-known/jwks.json", "getKeys", tag: "Service", "Get the public keys that sign access tokens",
        answers: [.init(200, "A JSON Web Key Set (RFC 7517)", "KeySet")])

    private static let schema = JSON.closedObject(
        "Public keys.",
        [
            (
                "keys",
                [
                    "type": "array",
                    "items": .closedObject(
                        "A public key.",
                        [
                            ("kty", ["const": "EC"]), ("crv", ["const": "P-256"]), ("x", .text), ("y", .text),
                            ("use", ["const": "sig"]), ("alg", ["const": "ES256"]), ("kid", .text),
                        ]),
                ]
            )
        ])
}
