package import Accounts
package import Orders
import TestFixtures
import Testing

/// What every storage of accounts must do, clause by clause; each storage's tests check every clause on a fresh storage.
package struct AccountContract: Sendable {
    package struct Clause: Sendable, CustomTestStringConvertible {
        package let testDescription: String
        package let check:
            @Sendable (
                _ orders: any OrderStorage, _ accounts: any MerchantStorage & MirrorStorage & OrderLinkStorage & ProofStorage
            )
                async throws -> Void

        init(
            _ description: String,
            _ check:
                @escaping @Sendable (any OrderStorage, any MerchantStorage & MirrorStorage & OrderLinkStorage & ProofStorage)
                async throws ->
                Void
        ) {
            testDescription = description
            self.check = check
        }
    }

    package static let clauses: [Clause] =
        codes + sessions + passwords + customers + access + once + expiry + links + webhooks + proofs
}

/// The time at which the clauses run.
let now = Timestamp(seconds: 1_800_000_000)
let siti = EmailAddress("customer.7@example.com")!
let cheapHash = PasswordHash("$scrypt$ln=4,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")!
let otherHash = PasswordHash("$scrypt$ln=4,r=8,p=1$BBBBBBBBBBBBBBBBBBBBBA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")!

/// A request for a mail to an address.
func mail(_ kind: MailKind = .signInCode, to address: EmailAddress = siti, of customerID: CustomerID? = nil) -> MailRequest {
    MailRequest(
        kind, to: address, in: Fixture.storeID, customerID: customerID, language: .indonesian, linkBase: "https://a.example")
}

extension MailStorage {
    /// The next mail that is due.
    package func claimMail(lease: Int64, at time: Timestamp) async throws -> QueuedMail? {
        try await claimMails(1, perStore: 1, busy: [:], lease: lease, at: time).first
    }
}

extension AccountStorage {
    /// Sends a code to an address, as its delivery does.
    @discardableResult
    func sendCode(_ request: MailRequest = mail(), at time: Timestamp = now) async throws -> OneTimeCode {
        #expect(try await self.request(request, pause: 60, at: time) == 0)
        let queued = try #require(try await claimMail(lease: 60, at: time))
        let recipient = try #require(try await recipient(of: queued.request))
        let code = OneTimeCode()
        #expect(
            try await setCode(
                OneTimeCodeHash(code), of: queued, customerID: recipient.customerID,
                expires: time.adding(seconds: OneTimeCode.lifetime)))
        try await remove(queued, recording: nil)
        return code
    }

    /// Sends a link for setting a password to an address, as its delivery does.
    func sendLink(at time: Timestamp = now) async throws -> ResetToken {
        #expect(try await request(mail(.resetLink), pause: 60, at: time) == 0)
        let queued = try #require(try await claimMail(lease: 60, at: time))
        let token = ResetToken()
        #expect(
            try await setResetToken(
                token.digest, of: queued, customerID: buyer.customerID, expires: time.adding(seconds: ResetToken.lifetime)))
        try await remove(queued, recording: nil)
        return token
    }

    /// Signs the customer in with a code.
    func signIn(at time: Timestamp = now) async throws -> (session: SessionID, account: Account) {
        try await sendCode(at: time)
        let tried = try #require(try await tryCode(.signInCode, siti.text, in: Fixture.storeID, at: time))
        let session = SessionID()
        let account = try await beginSession(
            session, using: tried, with: siti, expires: time.adding(seconds: 1000), at: time, from: "192.0.2.1")
        return (session, try #require(account))
    }

    func refresh(_ session: SessionID, _ number: Int64, generation: Int64 = 0, at time: Timestamp = now) async throws
        -> RefreshOutcome
    {
        let grant = RefreshGrant(buyer: buyer, session: session, generation: generation, number: number)
        return try await useRefreshToken(grant, grace: 10, expires: time.adding(seconds: 1000), at: time, from: nil)
    }

    func kinds() async throws -> [AuditRecord.Kind] {
        try await auditRecords(of: [buyer.customerID], in: Fixture.storeID, limit: 100).map(\.kind)
    }
}
