import Foundation
import JSON
import JWTKit
package import Orders
import Synchronization

/// Signs and verifies access and refresh tokens.
///
/// An access token is verified once and cached until it expires or is revoked: verifying takes some 80 microseconds, a cache
/// lookup less than one. Revoked tokens are dropped from the cache when the revocation becomes known, so nothing more has to be
/// checked on each use.
package final class AccessTokens: Sendable {
    /// The `iss` of every token.
    static let issuer = "pesanan"
    /// The `typ` of an access token (RFC 9068), which distinguishes it from any other token that the key may sign.
    static let type = "at+jwt"
    /// The `typ` of a refresh token.
    static let refreshType = "rt+jwt"
    /// Longer tokens are rejected without parsing; ours have about 500 characters.
    static let maximumLength = 4096
    /// The maximum clock difference between two machines, in seconds.
    package static let leeway: Int64 = 5

    /// The lifetime of a session's access tokens, in seconds (`api.md`).
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
    ///   - now: the clock used for lifetimes.
    ///   - rememberedTokens: the maximum number of cached tokens.
    package init(
        keys ring: KeyRing, now: @escaping @Sendable () -> Timestamp = { .now }, rememberedTokens: Int = 20_000
    ) async throws {
        state = Mutex(
            State(ring: ring, keys: try await Self.collection(of: ring), verified: VerifiedTokens(limit: rememberedTokens)))
        self.now = now
    }

    /// Switches to these keys; tokens signed with any others become invalid.
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

    /// The public keys as a JSON Web Key Set (RFC 7517).
    package var publicKeySet: [UInt8] { state.withLock { $0.ring }.publicKeySet }

    /// Rejects from now on all access tokens that any of these revocations covers.
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
    /// A new access token that is valid for the given number of seconds from now.
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

    /// A new refresh token that is valid for the given number of seconds from now.
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
    /// The buyer of a token whose signature, algorithm, key id, type, issuer, audience and lifetime are valid, and which is not
    /// revoked.
    /// - Throws: ``InvalidToken``.
    package func buyer(presenting token: String) async throws(InvalidToken) -> Buyer {
        try await access(presenting: token).grant.buyer
    }

    /// The buyer of a token that is in the cache and still valid; `nil` if the token would have to be verified.
    package func rememberedBuyer(presenting token: String) -> Buyer? {
        guard let claims = state.withLock({ $0.verified.claims(of: token) }), (try? claims.check(at: now().seconds)) != nil else {
            return nil
        }
        return claims.access.grant.buyer
    }

    /// The grant of an access token.
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
        // The token is cached only if it is not revoked and the keys have not changed, in one atomic step: a later revocation
        // drops it.
        let isRevoked = state.withLock { state in
            if state.revocations.covers(claims.access) { return true }
            if state.keys === keys { state.verified.remember(token, claims) }
            return false
        }
        if isRevoked { throw .invalid }
        return claims.access
    }

    /// The grant of a refresh token. The storage decides whether it may still be used.
    /// - Throws: ``InvalidToken``.
    package func refresh(presenting token: String) async throws(InvalidToken) -> RefreshGrant {
        let (claims, _) = try await verify(token, Self.refreshType, as: RefreshTokenClaims.self)
        guard let grant = RefreshGrant(claims), let expires = claims.exp.value.wholeSeconds else { throw .invalid }
        guard now().seconds < expires else { throw .expired }
        return grant
    }

    /// - Returns: the claims, and the keys that verified them.
    private func verify<Claims: JWTPayload>(
        _ token: String, _ type: String, as: Claims.Type
    ) async throws(InvalidToken) -> (Claims, JWTKeyCollection) {
        // The key collection falls back to its default key if the key id is unknown, and uses the key's own algorithm, so the
        // header is first compared with what we sign. Claims are decoded only after the signature is verified: no untrusted input
        // reaches the library's decoders, some of which trap.
        guard token.utf8.count <= Self.maximumLength, let keyID = Self.keyID(of: token, type) else { throw .invalid }
        let (keys, isKnown) = state.withLock { ($0.keys, $0.ring.ids.contains(keyID)) }
        guard isKnown else { throw .invalid }
        do {
            return (try await keys.verify(token, as: Claims.self), keys)
        } catch {
            throw .invalid
        }
    }

    /// The key id in a token's header; `nil` unless the header has our algorithm and type and requires no extensions (`crit`).
    private static func keyID(of token: String, _ type: String) -> String? {
        guard let part = token.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1).first,
            let bytes = Data(base64URLEncoded: String(Substring(part))), let header = try? JSON(parsing: [UInt8](bytes)),
            header["alg"] == "ES256", header["typ"] == .string(type), header["crit"] == nil,
            case .string(let keyID) = header["kid"]
        else { return nil }
        return keyID
    }
}

/// Why a token does not identify its bearer.
package enum InvalidToken: Error, Equatable {
    /// Not one of ours, modified, or revoked.
    case invalid
    /// One of ours that has expired.
    case expired
}
