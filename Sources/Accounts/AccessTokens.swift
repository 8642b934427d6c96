import Foundation
import JWTKit
package import Orders
import Synchronization

/// Signs access tokens and says whose they are.
///
/// A token is verified once and remembered until it expires: verifying costs some 80 microseconds, remembering less than one.
package final class AccessTokens: Sendable {
    /// The `iss` of every token.
    static let issuer = "pesanan"
    /// The `typ` of an access token (RFC 9068), which tells it from every other token that the key may sign.
    static let type = "at+jwt"
    /// Longer tokens are refused unread; ours have about 450 characters.
    static let maximumLength = 4096
    /// How far the clocks of two machines may be apart, in seconds.
    static let leeway: Int64 = 5

    private let keys: JWTKeyCollection
    private let keyID: String
    private let now: @Sendable () -> Timestamp
    private let verified: Mutex<VerifiedTokens>

    /// - Parameters:
    ///   - now: the clock that lifetimes are measured by.
    ///   - rememberedTokens: how many verified tokens are remembered at the most.
    package init(
        key: SigningKey, now: @escaping @Sendable () -> Timestamp = { .now }, rememberedTokens: Int = 20_000
    ) async throws {
        keyID = key.id
        keys = JWTKeyCollection()
        await keys.add(ecdsa: try ES256PrivateKey(backing: key.privateKey), kid: JWKIdentifier(string: key.id))
        self.now = now
        verified = Mutex(VerifiedTokens(limit: rememberedTokens))
    }

    /// A new access token for a buyer that is valid from now for so many seconds.
    package func issue(for buyer: Buyer, validFor seconds: Int64) async throws -> String {
        let now = Date(timeIntervalSince1970: TimeInterval(now().seconds))
        let claims = AccessTokenClaims(
            iss: IssuerClaim(value: Self.issuer), aud: buyer.storeID.text,
            sub: SubjectClaim(value: buyer.customerID.description), iat: IssuedAtClaim(value: now),
            nbf: NotBeforeClaim(value: now), exp: ExpirationClaim(value: now.addingTimeInterval(TimeInterval(seconds))),
            jti: IDClaim(value: UUID().uuidString.lowercased()))
        var header = JWTHeader()
        header.typ = Self.type
        return try await keys.sign(claims, kid: JWKIdentifier(string: keyID), header: header)
    }

    /// Whose token this is: its signature, algorithm, key id, type, issuer, audience and lifetime are right.
    /// - Throws: ``InvalidToken``.
    package func buyer(presenting token: String) async throws(InvalidToken) -> Buyer {
        let now = now().seconds
        if let remembered = verified.withLock({ $0.claims(of: token) }) {
            return try remembered.buyer(at: now)
        }
        let claims = try await verify(token)
        let buyer = try claims.buyer(at: now)
        verified.withLock { $0.remember(token, claims) }
        return buyer
    }

    /// Whose token this is, where it was verified before and is valid still; `nil` where that is not known without verifying it.
    package func rememberedBuyer(presenting token: String) -> Buyer? {
        let claims = verified.withLock { $0.claims(of: token) }
        return try? claims?.buyer(at: now().seconds)
    }

    private func verify(_ token: String) async throws(InvalidToken) -> VerifiedClaims {
        // The key collection falls back to its default key where the key id is unknown and goes by the key's own algorithm, so the
        // header is held against what we sign with first. The claims are read after the signature alone: nothing that a stranger wrote
        // gets as far as the library's decoders, some of which stop the process.
        guard token.utf8.count <= Self.maximumLength, hasOurHeader(token) else { throw .invalid }
        let claims: AccessTokenClaims
        do {
            claims = try await keys.verify(token, as: AccessTokenClaims.self)
        } catch {
            throw .invalid
        }
        guard let verified = VerifiedClaims(claims) else { throw .invalid }
        return verified
    }
}

extension AccessTokens {
    /// Whether a token's header is the one that we write: algorithm, key and type are ours, and nothing more is asked for (`crit`).
    private func hasOurHeader(_ token: String) -> Bool {
        guard let part = token.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1).first,
            let bytes = Data(base64URLEncoded: String(Substring(part))), let header = try? JSON(parsing: [UInt8](bytes))
        else { return false }
        return header["alg"] == "ES256" && header["kid"] == .string(keyID) && header["typ"] == .string(Self.type)
            && header["crit"] == nil
    }
}

extension Data {
    /// Reads base64 with the alphabet of RFC 4648, section 5, without padding; `nil` for anything else.
    fileprivate init?(base64URLEncoded text: String) {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        self.init(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding)
    }
}

/// Why a token does not say who presents it.
package enum InvalidToken: Error, Equatable {
    /// Not one of ours, or changed on its way.
    case invalid
    /// One of ours whose time is over.
    case expired
}

/// The claims of an access token (RFC 9068): all are required.
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

    /// Nothing: lifetimes are checked at every use, against the clock of ``AccessTokens``.
    func verify(using algorithm: some JWTAlgorithm) {}
}

/// What of a verified token matters at every use.
struct VerifiedClaims: Sendable {
    private let buyer: Buyer
    private let notBefore: Int64
    private let expires: Int64

    /// `nil` where the issuer is not us, the audience not one store or the subject no customer.
    init?(_ claims: AccessTokenClaims) {
        guard claims.iss.value == AccessTokens.issuer, let storeID = StoreID(claims.aud),
            let number = Int64(claims.sub.value),
            let notBefore = claims.nbf.value.wholeSeconds, let expires = claims.exp.value.wholeSeconds
        else { return nil }
        buyer = Buyer(storeID: storeID, customerID: CustomerID(number))
        self.notBefore = notBefore
        self.expires = expires
    }

    /// The buyer, while the token is valid; seconds since 1970.
    func buyer(at now: Int64) throws(InvalidToken) -> Buyer {
        guard now < expires else { throw .expired }
        guard now + AccessTokens.leeway >= notBefore else { throw .invalid }
        return buyer
    }
}

extension Date {
    /// Seconds since 1970, or `nil` where they are no reasonable time.
    fileprivate var wholeSeconds: Int64? { Int64(exactly: timeIntervalSince1970.rounded(.down)) }
}
