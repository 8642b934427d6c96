import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import Orders

extension StorefrontAPI {
    /// Who is signed in to the store of the path.
    /// - Throws: ``Failure/notSignedIn``, ``Failure/invalidToken`` or ``Failure/expiredToken``.
    func buyer(_ request: Request, _ context: ServingContext) async throws -> Buyer {
        guard let token = request.headers[.authorization]?.bearerToken else { throw Failure.notSignedIn }
        let buyer: Buyer
        do {
            buyer = try await tokens.buyer(presenting: token)
        } catch .expired {
            throw Failure.expiredToken
        } catch .invalid {
            throw Failure.invalidToken
        }
        guard context.pathParameter("store_id").flatMap({ StoreID($0) }) == buyer.storeID else { throw Failure.invalidToken }
        return buyer
    }
}

extension String {
    /// The token of `Authorization: Bearer` (RFC 6750, section 2.1); `nil` where the field is of another scheme.
    var bearerToken: String? {
        let scheme = "bearer "
        let isBearer = utf8.count > scheme.utf8.count && zip(utf8, scheme.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
        return isBearer ? String(Substring(utf8.dropFirst(scheme.utf8.count).drop { $0 == UInt8(ascii: " ") })) : nil
    }
}
