import Accounts
import Foundation
import JSON
import Logging
import OrderServices
import Orders
import SQLiteStorage
import Synchronization
import TestFixtures
import Testing

struct SilentLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.critical
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {}
}

@Suite struct `With a clock that jumps` {
    private final class Clock: Sendable {
        let seconds = Mutex<Int64>(1_800_000_000)
        func set(_ value: Int64) { seconds.withLock { $0 = 1_800_000_000 + value } }
        var now: @Sendable () -> Timestamp { { Timestamp(seconds: self.seconds.withLock { $0 }) } }
    }

    private final class Box: MailTransport {
        let mails = Mutex<[MailMessage]>([])
        let failures = Mutex<Int>(0)
        func send(_ message: MailMessage) async throws {
            let fails = failures.withLock { failures in
                failures -= 1
                return failures >= 0
            }
            if fails { throw MailFailure("away", isFinal: false) }
            mails.withLock { $0.append(message) }
        }
        var code: OneTimeCode? {
            mails.withLock { $0.last }?.text.firstMatch(of: /\n {4}(\d{6})\n/).flatMap { OneTimeCode(String($0.1)) }
        }
    }

    private let folder: TemporaryFolder
    private let storage: SQLiteStorage
    private let tokens: AccessTokens
    private let signIn: SignIn
    private let delivery: MailDelivery
    private let clock = Clock()
    private let box = Box()
    private let email = EmailAddress("customer.7@example.com")!

    init() async throws {
        folder = try TemporaryFolder()
        storage = try SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300))
        tokens = try await AccessTokens(keys: KeyRing(SigningKey()), now: clock.now)
        signIn = SignIn(
            storage: storage.accounts, tokens: tokens, hasher: PasswordHasher(PasswordHash.Parameters(logN: 4)),
            linkBase: { "https://shop.example" }, now: clock.now)
        delivery = MailDelivery(
            storage: storage.accounts, transport: box, logger: Logger(label: "x") { _ in SilentLog() },
            backoff: Backoff(pauses: [2, 10, 30, 60, 120]) { 1 }, now: clock.now)
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store(name: "Toko \n Sawah"))], at: .now)
        let json = Fixture.order(id: "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        _ = try await session.write(
            [
                try OrderChange(json, id: id)
            ], at: .now)
        try await session.commit()
    }

    private func code() async throws -> OneTimeCode {
        try await signIn.sendCode(to: email, in: Fixture.storeID, language: .english, from: nil)
        while try await delivery.deliverNext() {}
        return try #require(box.code)
    }

    @Test func `a code is valid for ten minutes, and no longer if the clock is set back`() async throws {
        let first = try await code()
        clock.set(599)
        _ = try await signIn.signIn(email, code: first, in: Fixture.storeID, from: nil)
        let second = try await code()
        clock.set(599 + 600)
        await #expect(throws: Failure.wrongCode) { try await signIn.signIn(email, code: second, in: Fixture.storeID, from: nil) }
        clock.set(-86400)
        await #expect(throws: Failure.wrongCode) { try await signIn.signIn(email, code: second, in: Fixture.storeID, from: nil) }
        // A new code can be requested at once, and is valid.
        _ = try await signIn.signIn(email, code: try await code(), in: Fixture.storeID, from: nil)
    }

    @Test func `a session survives small clock differences, and expires on time`() async throws {
        let tokens = try await signIn.signIn(email, code: try await code(), in: Fixture.storeID, from: nil)
        let refresh = tokens.refresh
        clock.set(3)
        let next = try await signIn.refresh(refresh, in: Fixture.storeID, from: nil)
        clock.set(0)
        _ = try await signIn.refresh(refresh, in: Fixture.storeID, from: nil)
        let (second, access) = (next.refresh, next.access)
        clock.set(86400 * 29)
        let third = try await signIn.refresh(second, in: Fixture.storeID, from: nil)
        #expect(throws: InvalidToken.self) {
            if self.tokens.rememberedBuyer(presenting: access) == nil { throw InvalidToken.expired }
        }
        clock.set(86400 * 59 + 1)
        let last = third.refresh
        await #expect(throws: Failure.invalidRefreshToken) { try await signIn.refresh(last, in: Fixture.storeID, from: nil) }
    }

    @Test func `a password is rehashed after the parameters are raised, and too many waiters are refused`() async throws {
        let accounts: any AccountStorage = storage.accounts
        let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(7))
        _ = try await signIn.setPassword("tepi-sawah-pagi", in: "new_password", old: nil, requiresOld: true, of: buyer, from: nil)
        let before = try #require(try await accounts.account(of: email, in: Fixture.storeID).account?.passwordHash)
        let stronger = PasswordHasher(PasswordHash.Parameters(logN: 12), waiting: 0)
        let later = SignIn(storage: accounts, tokens: tokens, hasher: stronger, linkBase: { "" }, now: clock.now)
        #expect(stronger.isOutdated(before))
        let password = Password(presented: "tepi-sawah-pagi")
        _ = try await later.signIn(email, password: password, in: Fixture.storeID, language: .english, from: nil)
        let after = try #require(try await accounts.account(of: email, in: Fixture.storeID).account?.passwordHash)
        #expect(!stronger.isOutdated(after))
        _ = try await later.signIn(email, password: password, in: Fixture.storeID, language: .english, from: nil)
        #expect(try await accounts.account(of: email, in: Fixture.storeID).account?.passwordHash == after)
        let outcomes = await withTaskGroup(of: Failure?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        _ = try await later.signIn(email, password: password, in: Fixture.storeID, language: .english, from: nil)
                        return nil
                    } catch { return error as? Failure ?? .internalError }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.contains(nil) && outcomes.contains(.tooManyRequests(seconds: 2)))
        #expect(outcomes.allSatisfy { $0 == nil || $0 == .tooManyRequests(seconds: 2) })
    }

    @Test func `a mail is retried with a new code, and abandoned when its code would be too late`() async throws {
        box.failures.withLock { $0 = 2 }
        try await signIn.sendCode(to: email, in: Fixture.storeID, language: .english, from: nil)
        #expect(try await delivery.deliverNext())
        #expect(try await !delivery.deliverNext())
        clock.set(2)
        #expect(try await delivery.deliverNext())
        clock.set(11)
        #expect(try await !delivery.deliverNext())
        clock.set(12)
        #expect(try await delivery.deliverNext())
        #expect(box.mails.withLock { $0.count } == 1)
        #expect(box.mails.withLock { $0.last?.senderName } == "Toko   Sawah")
        _ = try await signIn.signIn(email, code: try #require(box.code), in: Fixture.storeID, from: nil)

        box.failures.withLock { $0 = 1000 }
        clock.set(100)
        try await signIn.sendCode(to: email, in: Fixture.storeID, language: .english, from: nil)
        var tries = 0
        for second in 100...900 {
            clock.set(Int64(second))
            while try await delivery.deliverNext() { tries += 1 }
        }
        #expect((5...12).contains(tries))
        let accounts: any AccountStorage = storage.accounts
        #expect(try await accounts.claimMails(1, perStore: 1, busy: [:], lease: 1, at: Timestamp(seconds: 1_900_000_000)).isEmpty)
        let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(7))
        let kinds = try await accounts.auditRecords(of: [buyer.customerID], in: buyer.storeID, limit: 9).map(\.kind)
        #expect(kinds.contains(.mailFailed))
    }
}

extension MailDelivery {
    /// Delivers the next due mail.
    /// - Returns: whether there was one.
    func deliverNext() async throws -> Bool {
        guard let mail = try await claim(1, perReceiver: 1, busy: [:]).first else { return false }
        try await deliver(mail)
        return true
    }
}
