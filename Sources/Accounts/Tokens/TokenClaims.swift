import Foundation
import JWTKit
import Orders

/// The claims of an access token (RFC 9068); those of every JWT are required.
struct AccessTokenClaims: JWTPayload {
    var iss: IssuerClaim
    /// The store.
    var aud: String
    /// The customer.
    var sub: SubjectClaim
    var iat: IssuedAtClaim
    var nbf: NotBeforeClaim
    var exp: ExpirationClaim
    var jti: IDClaim
    /// The session; not there where an operator made the token.
    var sid: String?
    /// The generation of the customer's sessions; not there for the first one.
    var gen: Int64?

    /// Nothing: lifetimes are checked at every use, against the clock of ``AccessTokens``.
    func verify(using algorithm: some JWTAlgorithm) {}
}

/// The claims of a refresh token; all are required.
struct RefreshTokenClaims: JWTPayload {
    var iss: IssuerClaim
    /// The store.
    var aud: String
    /// The customer.
    var sub: SubjectClaim
    var iat: IssuedAtClaim
    var exp: ExpirationClaim
    var sid: String
    var gen: Int64
    /// Which one of its family it is, counted from 1.
    var num: Int64

    /// Nothing: the lifetime is checked against the clock of ``AccessTokens``.
    func verify(using algorithm: some JWTAlgorithm) {}
}

/// What of a verified access token matters at every use.
struct VerifiedClaims: Sendable {
    let access: AccessGrant
    private let notBefore: Int64

    /// `nil` where the issuer is not us, the audience not one store or the subject no customer.
    init?(_ claims: AccessTokenClaims) {
        guard let buyer = Buyer(claims.iss, claims.aud, claims.sub), let notBefore = claims.nbf.value.wholeSeconds,
            let expires = claims.exp.value.wholeSeconds
        else { return nil }
        var session: SessionID?
        if let text = claims.sid {
            guard let id = SessionID(text) else { return nil }
            session = id
        }
        access = AccessGrant(
            grant: Grant(buyer: buyer, generation: claims.gen ?? 0, session: session), tokenID: claims.jti.value, expires: expires
        )
        self.notBefore = notBefore
    }

    /// Throws where the token is not valid at a time; seconds since 1970.
    func check(at now: Int64) throws(InvalidToken) {
        guard now < access.expires else { throw .expired }
        guard now + AccessTokens.leeway >= notBefore else { throw .invalid }
    }
}

extension RefreshGrant {
    /// `nil` where the issuer is not us, the audience not one store, the subject no customer or the session none.
    init?(_ claims: RefreshTokenClaims) {
        guard let buyer = Buyer(claims.iss, claims.aud, claims.sub), let session = SessionID(claims.sid) else { return nil }
        self.init(buyer: buyer, session: session, generation: claims.gen, number: claims.num)
    }
}

extension Buyer {
    fileprivate init?(_ issuer: IssuerClaim, _ audience: String, _ subject: SubjectClaim) {
        guard issuer.value == AccessTokens.issuer, let storeID = StoreID(audience), let number = Int64(subject.value) else {
            return nil
        }
        self.init(storeID: storeID, customerID: CustomerID(number))
    }
}

extension Date {
    /// Seconds since 1970, or `nil` where they are no reasonable time.
    var wholeSeconds: Int64? { Int64(exactly: timeIntervalSince1970.rounded(.down)) }
}
