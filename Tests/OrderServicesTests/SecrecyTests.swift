import Accounts
import Foundation
import JSON
import Logging
import OrderServices
import Orders
import SQLiteStorage
import TestFixtures
import Testing

/// What could tell who is a customer, beside status and body: the time that an answer takes.
@Suite(.serialized) struct `Time tells nobody who is a customer` {
    private static let calls = 200
    private let folder: TemporaryFolder
    private let storage: SQLiteStorage
    private let signIn: SignIn
    private let client = "192.0.2.1"

    init() async throws {
        folder = try TemporaryFolder()
        storage = try SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300))
        let tokens = try await AccessTokens(keys: KeyRing(SigningKey()))
        // With a hash that takes little time, the rest of the time shows the more.
        signIn = SignIn(
            storage: storage.accounts, tokens: tokens, hasher: PasswordHasher(PasswordHash.Parameters(logN: 8)),
            linkBase: { "https://shop.example" })
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: .now)
        var generator = SystemRandomNumberGenerator()
        var orders: [OrderChange] = []
        for number in 1...Self.calls {
            let id = OrderID(mintedAt: .now, using: &generator)!
            let json = Fixture.order(id: .string(id.description), customer: number)
            orders.append(
                try OrderChange(json, id: id))
        }
        _ = try await session.write(orders, at: .now)
        try await session.commit()
    }

    private func address(_ number: Int, isKnown: Bool) -> EmailAddress {
        EmailAddress("\(isKnown ? "customer" : "stranger").\(number)@example.com")!
    }

    /// How much more often a call for a known address takes longer than one for an unknown one than chance has it, in standard deviations
    /// (the rank sum test of Mann and Whitney). The calls are mixed by chance, so that whatever else goes on meets both.
    private func deviation(_ call: (EmailAddress) async throws -> Void) async throws -> Double {
        var calls = (1...Self.calls).flatMap { [($0, true), ($0, false)] }
        calls.shuffle()
        var times: [(Duration, isKnown: Bool)] = []
        for (number, isKnown) in calls {
            let address = address(number, isKnown: isKnown)
            let start = ContinuousClock.now
            do { try await call(address) } catch is Failure {}
            times.append((start.duration(to: .now), isKnown))
        }
        times.sort { $0.0 < $1.0 }
        let rankSum = times.enumerated().reduce(0.0) { $0 + ($1.element.isKnown ? Double($1.offset + 1) : 0) }
        let n = Double(Self.calls)
        let (mean, spread) = (n * (2 * n + 1) / 2, (n * n * (2 * n + 1) / 12).squareRoot())
        return (rankSum - mean) / spread
    }

    /// Of a difference that there is, four standard deviations show at 200 calls each what is a tenth of the spread of the times; by chance
    /// alone it is exceeded once in 16,000 times, and then once more in as many again.
    private func expectNoDifference(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ call: (EmailAddress) async throws -> Void
    ) async throws {
        var deviations: [Double] = []
        for _ in 1...3 {
            deviations.append(try await deviation(call))
            if abs(deviations.last!) < 4 { return }
        }
        Issue.record("\(what): \(deviations)", sourceLocation: sourceLocation)
    }

    @Test func `who signs in with a password, whether one is set or not`() async throws {
        let logIn = { (address: EmailAddress) in
            _ = try await signIn.signIn(
                address, password: Password(presented: "wrong"), in: Fixture.storeID, language: .indonesian, from: client)
        }
        try await expectNoDifference("login without a password", logIn)
        let accounts: any AccountStorage = storage.accounts
        let hash = try await PasswordHasher(PasswordHash.Parameters(logN: 8)).hash(Password(presented: "right"))
        for number in 1...Self.calls {
            let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(Int64(number)))
            _ = try await accounts.setPassword(
                hash, of: buyer, replacing: nil, session: SessionID(), expires: .now, at: .now, from: nil)
        }
        try await expectNoDifference("login", logIn)
    }

    @Test func `who asks for a code, with and without a password`() async throws {
        try await expectNoDifference("otp/send with a password") { address in
            try await signIn.sendCode(
                to: address, password: Password(presented: "wrong"), in: Fixture.storeID, language: .indonesian, from: client)
        }
        try await expectNoDifference("otp/send") {
            try await signIn.sendCode(to: $0, in: Fixture.storeID, language: .indonesian, from: client)
        }
        // Once more, too soon.
        try await expectNoDifference("otp/send again") {
            try await signIn.sendCode(to: $0, in: Fixture.storeID, language: .indonesian, from: client)
        }
    }

    @Test func `who asks for a link`() async throws {
        try await expectNoDifference("forget-password") {
            try await signIn.sendResetLink(to: $0, in: Fixture.storeID, origin: nil, language: .indonesian)
        }
    }

    @Test func `who tries a code, after one was asked for and delivered, or not`() async throws {
        let code = OneTimeCode("000000")!
        let tryCode = { (address: EmailAddress) in
            _ = try await signIn.signIn(address, code: code, in: Fixture.storeID, from: client)
        }
        try await expectNoDifference("otp/verify without a code", tryCode)
        for number in 1...Self.calls {
            for isKnown in [true, false] {
                try await signIn.sendCode(
                    to: address(number, isKnown: isKnown), in: Fixture.storeID, language: .indonesian, from: client)
            }
        }
        let delivery = MailDelivery(
            storage: storage.accounts, transport: NoTransport(), logger: Logger(label: "x") { _ in SilentLog() })
        while try await delivery.deliverNext() {}
        try await expectNoDifference("otp/verify", tryCode)
    }

    @Test func `and a difference would be seen`() async throws {
        let shown = try await deviation { address in
            try await signIn.sendCode(to: address, in: Fixture.storeID, language: .indonesian, from: client)
            if address.text.hasPrefix("customer") { try await Task.sleep(for: .microseconds(300)) }
        }
        #expect(shown > 4)
    }
}

private struct NoTransport: MailTransport {
    func send(_ message: MailMessage) async throws {}
}
