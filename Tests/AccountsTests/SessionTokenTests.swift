import Orders
import Testing

@testable import Accounts

@Suite struct `Tokens of a session` {
    let clock = TestClock(seconds: 1_800_000_000)
    let buyer = Buyer(storeID: StoreID("store_A")!, customerID: CustomerID(7))
    let session = SessionID()
    var grant: Grant { Grant(buyer: buyer, generation: 2, session: session) }
    var refresh: RefreshGrant { RefreshGrant(buyer: buyer, session: session, generation: 2, number: 3) }

    @Test func `have one use each: an access token refreshes nothing, a refresh token opens nothing`() async throws {
        let tokens = try await AccessTokens(key: SigningKey(), now: clock.now)
        let (access, again) = (try await tokens.issue(for: grant, validFor: 900), try await tokens.issue(refresh, validFor: 1000))
        #expect(try await tokens.access(presenting: access).grant == grant)
        #expect(try await tokens.refresh(presenting: again) == refresh)
        await #expect(throws: InvalidToken.invalid) { try await tokens.refresh(presenting: access) }
        await #expect(throws: InvalidToken.invalid) { try await tokens.access(presenting: again) }
        clock.seconds += 1000
        await #expect(throws: InvalidToken.expired) { try await tokens.refresh(presenting: again) }
    }

    @Test func `become invalid when revoked, cached or not, and others stay valid`() async throws {
        let tokens = try await AccessTokens(key: SigningKey(), now: clock.now)
        let other = Buyer(storeID: StoreID("store_B")!, customerID: CustomerID(7))
        let mine = try await tokens.issue(for: grant, validFor: 900)
        let alsoMine = try await tokens.issue(for: Grant(buyer: buyer, generation: 2, session: SessionID()), validFor: 900)
        let others = try await tokens.issue(for: Grant(buyer: other, generation: 2, session: SessionID()), validFor: 900)
        for token in [mine, others] { _ = try await tokens.buyer(presenting: token) }

        tokens.revoke([Revocation(.session(session), in: buyer.storeID, expires: clock.seconds + 900)])
        #expect(tokens.rememberedBuyer(presenting: mine) == nil)
        await #expect(throws: InvalidToken.invalid) { try await tokens.buyer(presenting: mine) }
        #expect(try await tokens.buyer(presenting: alsoMine) == buyer)

        tokens.revoke([
            Revocation(.generations(buyer.customerID, before: 3), in: buyer.storeID, expires: clock.seconds + 900)
        ])
        await #expect(throws: InvalidToken.invalid) { try await tokens.buyer(presenting: alsoMine) }
        let new = try await tokens.issue(for: Grant(buyer: buyer, generation: 3, session: SessionID()), validFor: 900)
        #expect(try await tokens.buyer(presenting: new) == buyer)
        let id = try await tokens.access(presenting: new).tokenID
        tokens.revoke([Revocation(.token(id), in: other.storeID, expires: clock.seconds + 900)])
        #expect(try await tokens.buyer(presenting: new) == buyer)
        tokens.revoke([Revocation(.token(id), in: buyer.storeID, expires: clock.seconds + 900)])
        await #expect(throws: InvalidToken.invalid) { try await tokens.buyer(presenting: new) }
        #expect(tokens.rememberedBuyer(presenting: others) == other)
    }

    @Test func `stay valid when keys rotate, and become invalid when a key is removed`() async throws {
        let (old, new) = (SigningKey(), SigningKey())
        let tokens = try await AccessTokens(key: old, now: clock.now)
        let before = try await tokens.issue(for: grant, validFor: 900)
        let ring = KeyRing(old).rotated(to: new, at: clock.now())
        try await tokens.use(ring)
        #expect(try await tokens.buyer(presenting: before) == buyer)
        clock.seconds += KeyRing.announcement
        let after = try await tokens.issue(for: grant, validFor: 900)
        #expect(try await tokens.buyer(presenting: after) == buyer)
        let onlyNew = try await AccessTokens(key: new, now: clock.now)
        #expect(try await onlyNew.buyer(presenting: after) == buyer)
        try await tokens.use(KeyRing(new))
        #expect(tokens.rememberedBuyer(presenting: before) == nil)
        await #expect(throws: InvalidToken.invalid) { try await tokens.buyer(presenting: before) }
        #expect(try await tokens.buyer(presenting: after) == buyer)
    }
}
