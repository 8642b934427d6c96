import Foundation
import JWTKit
import Orders

/// The claims of an access token (RFC 9068); the standard JWT claims are required.
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
    /// The session; absent if an operator issued the token.
    var sid: String?
    /// The generation of the customer's sessions; absent for the first one.
    var gen: Int64?

    /// Does nothing: lifetimes are checked on every use, against the clock of ``AccessTokens``.
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
    /// Its number within the family, starting at 1.
    var num: Int64

    /// Does nothing: the lifetime is checked against the clock of ``AccessTokens``.
    func verify(using algorithm: some JWTAlgorithm) {}
}

/// The parts of a verified access token that matter on every use.
struct VerifiedClaims: Sendable {
    let access: AccessGrant
    private let notBefore: Int64

    /// `nil` if the issuer is not us, the audience is not a single store, or the subject is not a customer.
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

    /// Throws if the token is not valid at the given time, in seconds since 1970.
    func check(at now: Int64) throws(InvalidToken) {
        guard now < access.expires else { throw .expired }
        guard now + AccessTokens.leeway >= notBefore else { throw .invalid }
    }
}

extension RefreshGrant {
    /// `nil` if the issuer is not us, the audience is not a single store, the subject is not a customer, or the session is
    /// malformed.
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
    /// Seconds since 1970; `nil` if they do not fit an integer.
    var wholeSeconds: Int64? { Int64(exactly: timeIntervalSince1970.rounded(.down)) }
}
