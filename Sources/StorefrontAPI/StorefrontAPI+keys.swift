import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird

extension StorefrontAPI {
    /// `GET /.well-known/jwks.json`: the public keys, for those who check tokens themselves.
    func getKeys(_ request: Request, _ context: ServingContext) -> Response {
        var response = Response(json: tokens.publicKeySet)
        // A new key signs a few seconds after it is published.
        response.headers[.cacheControl] = "no-cache"
        return response
    }
}
