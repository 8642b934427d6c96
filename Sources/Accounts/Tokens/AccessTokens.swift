import Foundation
import JSON
import JWTKit
package import Orders
import Synchronization

/// Signs access and refresh tokens and says whose they are.
///
/// An access token is verified once and remembered until it expires or is revoked: verifying costs some 80 microseconds, remembering less
/// than one. What is revoked is forgotten when that becomes known, so that nothing more has to be looked up at each use.
package final class AccessTokens: Sendable {
    /// The `iss` of every token.
    static let issuer = "pesanan"
    /// The `typ` of an access token (RFC 9068), which tells it from every other token that the key may sign.
    static let type = "at+jwt"
    /// The `typ` of a refresh token.
    static let refreshType = "rt+jwt"
    /// Longer tokens are refused unread; ours have about 500 characters.
    static let maximumLength = 4096
    /// How far the clocks of two machines may be apart, in seconds.
    package static let leeway: Int64 = 5

    /// How long the access tokens of a session live, in seconds (`api.md`).
    package static let sessionLifetime: Int64 = 900

    private struct State {
        var ring: KeyRing
        var keys: JWTKeyCollection
        var verified: VerifiedTokens
        var revocations = Revocations()
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - now: the clock that lifetimes are measured by.
    ///   - rememberedTokens: how many verified tokens are remembered at the most.
    package init(
        keys ring: KeyRing, now: @escaping @Sendable () -> Timestamp = { .now }, rememberedTokens: Int = 20_000
    ) async throws {
        state = Mutex(
            State(ring: ring, keys: try await Self.collection(of: ring), verified: VerifiedTokens(limit: rememberedTokens)))
        self.now = now
    }

    /// Goes by these keys from now on; tokens of others are invalid.
    package func use(_ ring: KeyRing) async throws {
        let keys = try await Self.collection(of: ring)
        state.withLock { state in
            let isKept = Set(state.ring.ids).isSubset(of: ring.ids)
            state.ring = ring
            state.keys = keys
            if !isKept { state.verified.forget { _ in true } }
        }
    }

    private static func collection(of ring: KeyRing) async throws -> JWTKeyCollection {
        let keys = JWTKeyCollection()
        for entry in ring.entries {
            await keys.add(ecdsa: try ES256PrivateKey(backing: entry.key.privateKey), kid: JWKIdentifier(string: entry.key.id))
        }
        return keys
    }

    /// The public keys, as a JSON Web Key Set (RFC 7517).
    package var publicKeySet: [UInt8] { state.withLock { $0.ring }.publicKeySet }

    /// Accepts no access token any more that one of these covers.
    package func revoke(_ revocations: some Sequence<Revocation>) {
        let now = now().seconds
        state.withLock { state in
            state.revocations.removeExpired(at: now)
            for revocation in revocations { state.revocations.insert(revocation) }
            let known = state.revocations
            state.verified.forget { known.covers($0.access) }
        }
    }
}

extension AccessTokens {
    /// A new access token that is valid from now for so many seconds.
    package func issue(for grant: Grant, validFor seconds: Int64) async throws -> String {
        let now = now()
        let date = Date(timeIntervalSince1970: TimeInterval(now.seconds))
        let claims = AccessTokenClaims(
            iss: IssuerClaim(value: Self.issuer), aud: grant.buyer.storeID.text,
            sub: SubjectClaim(value: grant.buyer.customerID.description), iat: IssuedAtClaim(value: date),
            nbf: NotBeforeClaim(value: date), exp: ExpirationClaim(value: date.addingTimeInterval(TimeInterval(seconds))),
            jti: IDClaim(value: UUID().uuidString.lowercased()), sid: grant.session?.description,
            gen: grant.generation == 0 ? nil : grant.generation)
        return try await sign(claims, Self.type, at: now)
    }

    /// A new refresh token that is valid from now for so many seconds.
    package func issue(_ grant: RefreshGrant, validFor seconds: Int64) async throws -> String {
        let now = now()
        let date = Date(timeIntervalSince1970: TimeInterval(now.seconds))
        let claims = RefreshTokenClaims(
            iss: IssuerClaim(value: Self.issuer), aud: grant.buyer.storeID.text,
            sub: SubjectClaim(value: grant.buyer.customerID.description), iat: IssuedAtClaim(value: date),
            exp: ExpirationClaim(value: date.addingTimeInterval(TimeInterval(seconds))), sid: grant.session.description,
            gen: grant.generation, num: grant.number)
        return try await sign(claims, Self.refreshType, at: now)
    }

    private func sign(_ claims: some JWTPayload, _ type: String, at time: Timestamp) async throws -> String {
        let (keys, keyID) = state.withLock { ($0.keys, $0.ring.current(at: time).id) }
        var header = JWTHeader()
        header.typ = type
        return try await keys.sign(claims, kid: JWKIdentifier(string: keyID), header: header)
    }
}

extension AccessTokens {
    /// Whose token this is: its signature, algorithm, key id, type, issuer, audience and lifetime are right, and it is not revoked.
    /// - Throws: ``InvalidToken``.
    package func buyer(presenting token: String) async throws(InvalidToken) -> Buyer {
        try await access(presenting: token).grant.buyer
    }

    /// Whose token this is, where it was verified before and is valid still; `nil` where that is not known without verifying it.
    package func rememberedBuyer(presenting token: String) -> Buyer? {
        guard let claims = state.withLock({ $0.verified.claims(of: token) }), (try? claims.check(at: now().seconds)) != nil else {
            return nil
        }
        return claims.access.grant.buyer
    }

    /// What an access token stands for.
    /// - Throws: ``InvalidToken``.
    package func access(presenting token: String) async throws(InvalidToken) -> AccessGrant {
        let now = now().seconds
        if let remembered = state.withLock({ $0.verified.claims(of: token) }) {
            try remembered.check(at: now)
            return remembered.access
        }
        let (verified, keys) = try await verify(token, Self.type, as: AccessTokenClaims.self)
        guard let claims = VerifiedClaims(verified) else { throw .invalid }
        try claims.check(at: now)
        // Remembered only where it is not revoked and the keys are the same still, in one step: what is revoked a moment later is
        // forgotten then.
        let isRevoked = state.withLock { state in
            if state.revocations.covers(claims.access) { return true }
            if state.keys === keys { state.verified.remember(token, claims) }
            return false
        }
        if isRevoked { throw .invalid }
        return claims.access
    }

    /// What a refresh token stands for; whether it may be used still is for the storage to say.
    /// - Throws: ``InvalidToken``.
    package func refresh(presenting token: String) async throws(InvalidToken) -> RefreshGrant {
        let (claims, _) = try await verify(token, Self.refreshType, as: RefreshTokenClaims.self)
        guard let grant = RefreshGrant(claims), let expires = claims.exp.value.wholeSeconds else { throw .invalid }
        guard now().seconds < expires else { throw .expired }
        return grant
    }

    /// - Returns: the claims, and the keys by which they are right.
    private func verify<Claims: JWTPayload>(
        _ token: String, _ type: String, as: Claims.Type
    ) async throws(InvalidToken) -> (Claims, JWTKeyCollection) {
        // The key collection falls back to its default key where the key id is unknown and goes by the key's own algorithm, so the
        // header is held against what we sign with first. The claims are read after the signature alone: nothing that a stranger wrote
        // gets as far as the library's decoders, some of which stop the process.
        guard token.utf8.count <= Self.maximumLength, let keyID = Self.keyID(of: token, type) else { throw .invalid }
        let (keys, isKnown) = state.withLock { ($0.keys, $0.ring.ids.contains(keyID)) }
        guard isKnown else { throw .invalid }
        do {
            return (try await keys.verify(token, as: Claims.self), keys)
        } catch {
            throw .invalid
        }
    }

    /// The key id in a token's header, where that is as we write it: algorithm and type are ours, and nothing more is asked for (`crit`).
    private static func keyID(of token: String, _ type: String) -> String? {
        guard let part = token.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1).first,
            let bytes = Data(base64URLEncoded: String(Substring(part))), let header = try? JSON(parsing: [UInt8](bytes)),
            header["alg"] == "ES256", header["typ"] == .string(type), header["crit"] == nil,
            case .string(let keyID) = header["kid"]
        else { return nil }
        return keyID
    }
}

/// Why a token does not say who presents it.
package enum InvalidToken: Error, Equatable {
    /// Not one of ours, changed on its way, or revoked.
    case invalid
    /// One of ours whose time is over.
    case expired
}
