import Crypto
import Foundation
import JWTKit
import Orders
import Synchronization
import Testing

@testable import Accounts

@Suite struct `An access token` {
    let key = SigningKey()
    let clock = TestClock(seconds: 1_800_000_000)
    let buyer = Buyer(storeID: StoreID("store_A")!, customerID: CustomerID(7))

    private func tokens(_ key: SigningKey? = nil) async throws -> AccessTokens {
        try await AccessTokens(key: key ?? self.key, now: clock.now)
    }

    @Test func `identifies its buyer from its first second to its last`() async throws {
        let tokens = try await tokens()
        let token = try await tokens.issue(for: buyer, validFor: 900)
        #expect(tokens.rememberedBuyer(presenting: token) == nil)
        #expect(try await tokens.buyer(presenting: token) == buyer)
        #expect(tokens.rememberedBuyer(presenting: token) == buyer)
        clock.seconds = 1_800_000_899
        #expect(try await tokens.buyer(presenting: token) == buyer)
        clock.seconds = 1_800_000_900
        #expect(tokens.rememberedBuyer(presenting: token) == nil)
        await #expect(throws: InvalidToken.expired) { try await tokens.buyer(presenting: token) }
        let others = try await self.tokens()
        await #expect(throws: InvalidToken.expired) { try await others.buyer(presenting: token) }
    }

    @Test func `is not valid before its time, except for small clock differences`() async throws {
        let token = try await tokens().issue(for: buyer, validFor: 900)
        clock.seconds = 1_799_999_994
        let tokens = try await tokens()
        await #expect(throws: InvalidToken.invalid) { try await tokens.buyer(presenting: token) }
        clock.seconds = 1_799_999_995
        #expect(try await tokens.buyer(presenting: token) == buyer)
    }

    @Test func `of another key, or signed in another way, is invalid`() async throws {
        let tokens = try await tokens()
        let good = try await tokens.issue(for: buyer, validFor: 900)
        let parts = good.split(separator: ".").map(String.init)
        let stranger = try await self.tokens(SigningKey())
        let publicKey = key.privateKey.publicKey
        let header = { (alg: String) in base64URL(#"{"alg":"\#(alg)","typ":"at+jwt","kid":"\#(key.id)"}"#.utf8) }
        let signature = { (input: String, secret: Data) in
            base64URL(HMAC<SHA256>.authenticationCode(for: Data(input.utf8), using: SymmetricKey(data: secret)))
        }
        let edited = String(decoding: Data(base64URL: parts[1])!, as: UTF8.self).replacing("\"7\"", with: "\"8\"")
        var forged = [
            try await stranger.issue(for: buyer, validFor: 900), "\(header("none")).\(parts[1]).",
            "\(header("NONE")).\(parts[1]).\(parts[2])",
            "\(parts[0]).\(base64URL(edited.utf8)).\(parts[2])", "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])",
            "\(good).x",
            parts[1], "", ".", "..", "...", String(repeating: "a", count: 5000), "\(good)\u{0}", "ä.ö.ü",
            good.dropLast().description,
            good + String(repeating: "A", count: 4000),
        ]
        for claims in [#"{"aud":[]}"#, "[]", "{", "", #"{"aud":{}}"#, #"{"exp":1e400,"nbf":-1e400}"#] {
            forged.append("\(parts[0]).\(base64URL(claims.utf8)).\(parts[2])")
        }
        for header in ["{}", "[]", "{", #"{"alg":"ES256"}"#, #"{"alg":"ES256","alg":"none"}"#] {
            forged.append("\(base64URL(header.utf8)).\(parts[1]).\(parts[2])")
        }
        for secret in [publicKey.rawRepresentation, publicKey.derRepresentation, Data(publicKey.pemRepresentation.utf8)] {
            let input = "\(header("HS256")).\(parts[1])"
            forged.append("\(input).\(signature(input, secret))")
        }
        for token in forged {
            for _ in 1...2 {
                await #expect(throws: InvalidToken.invalid, "\(token)") { try await tokens.buyer(presenting: token) }
            }
        }
        #expect(try await tokens.buyer(presenting: good) == buyer)
    }

    @Test(arguments: [
        ("at+jwt", "pesanan", "store_A", "7", true), ("JWT", "pesanan", "store_A", "7", false),
        ("rt+jwt", "pesanan", "store_A", "7", false), ("at+jwt", "somebody", "store_A", "7", false),
        ("at+jwt", "pesanan", "", "7", false), ("at+jwt", "pesanan", "store/A", "7", false),
        ("at+jwt", "pesanan", "store_A", "Siti", false),
    ])
    func `must have our claims, each of them`(type: String, issuer: String, audience: String, subject: String, isValid: Bool)
        async throws
    {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let claims = AccessTokenClaims(
            iss: IssuerClaim(value: issuer), aud: audience, sub: SubjectClaim(value: subject),
            iat: IssuedAtClaim(value: now), nbf: NotBeforeClaim(value: now),
            exp: ExpirationClaim(value: now.addingTimeInterval(900)), jti: IDClaim(value: "1"))
        let token = try await sign(claims, type: type)
        let tokens = try await tokens()
        let found = try? await tokens.buyer(presenting: token)
        #expect(found == (isValid ? buyer : nil))
    }

    @Test func `must not lack any claim`() async throws {
        let full = ["iss": "pesanan", "aud": "store_A", "sub": "7", "jti": "1"]
        let times = ["iat": 1_800_000_000, "nbf": 1_800_000_000, "exp": 1_800_000_900]
        let tokens = try await tokens()
        #expect(try await tokens.buyer(presenting: sign(LooseClaims(texts: full, times: times), type: "at+jwt")) == buyer)
        for audience in [[], ["store_A"], ["store_A", "store_B"]] {
            let token = try await sign(LooseClaims(texts: full, times: times, audience: audience), type: "at+jwt")
            await #expect(throws: InvalidToken.invalid) { try await tokens.buyer(presenting: token) }
        }
        for name in Array(full.keys) + Array(times.keys) {
            let claims = LooseClaims(texts: full.filter { $0.key != name }, times: times.filter { $0.key != name })
            let token = try await sign(claims, type: "at+jwt")
            await #expect(throws: InvalidToken.invalid, "\(name)") { try await tokens.buyer(presenting: token) }
        }
    }

    private func sign(_ claims: some JWTPayload, type: String) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: try ES256PrivateKey(backing: key.privateKey), kid: JWKIdentifier(string: key.id))
        var header = JWTHeader()
        header.typ = type
        return try await keys.sign(claims, kid: JWKIdentifier(string: key.id), header: header)
    }

    @Test func `is cached, within the capacity of the cache`() async throws {
        var remembered = VerifiedTokens(limit: 100)
        let claims = try #require(
            VerifiedClaims(
                AccessTokenClaims(
                    iss: "pesanan", aud: "store_A", sub: "7", iat: .init(value: .now), nbf: .init(value: .now),
                    exp: .init(value: .now),
                    jti: "1")))
        for number in 0..<1000 {
            remembered.remember("token \(number)", claims)
            #expect(remembered.count <= 100)
            #expect(remembered.claims(of: "token \(number)") != nil)
            if number > 0 { #expect(remembered.claims(of: "token \(max(0, number - 20))") != nil) }
        }
        #expect(remembered.claims(of: "token 0") == nil)
    }
}

/// Claims of which any may be missing.
private struct LooseClaims: JWTPayload {
    var texts: [String: String]
    var times: [String: Int]
    /// Several audiences instead of one.
    var audience: [String]?

    init(texts: [String: String], times: [String: Int], audience: [String]? = nil) {
        (self.texts, self.times, self.audience) = (texts, times, audience)
    }

    init(from decoder: any Decoder) throws { (texts, times) = ([:], [:]) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        if let audience { try container.encode(audience, forKey: Name(stringValue: "aud")) }
        for (name, text) in texts where name != "aud" || audience == nil {
            try container.encode(text, forKey: Name(stringValue: name))
        }
        for (name, time) in times { try container.encode(time, forKey: Name(stringValue: name)) }
    }

    func verify(using algorithm: some JWTAlgorithm) {}

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

final class TestClock: Sendable {
    private let value: Mutex<Int64>

    init(seconds: Int64) { value = Mutex(seconds) }

    var seconds: Int64 {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }

    var now: @Sendable () -> Timestamp { { Timestamp(seconds: self.seconds) } }
}

private func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}

extension Data {
    fileprivate init?(base64URL text: String) {
        let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
        self.init(base64Encoded: padded.replacing("-", with: "+").replacing("_", with: "/"))
    }
}
