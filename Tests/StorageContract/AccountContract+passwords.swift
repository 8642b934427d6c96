import Accounts
import JSON
import Orders
import TestFixtures
import Testing

extension AccountContract {
    static let passwords = [
        Clause("an address is one account: whoever signed in with it first, and until then the customer with the lowest id") {
            orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]), write(ids[1], customer: 8, email: siti.text))
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account?.buyer == buyer)
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account?.passwordHash == nil)
            _ = try await accounts.signIn()
            try await orders.add(write(ids[2], customer: 3, email: siti.text))
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account?.buyer == buyer)
            #expect(try await accounts.recipient(of: mail())?.customerID == buyer.customerID)
        },
        Clause("a code and a link are for the account of the moment when they are used") { orders, accounts in
            try await orders.addStores()
            let other = Buyer(storeID: Fixture.storeID, customerID: CustomerID(3))
            try await orders.add(write(ids[0]))
            let link = try await accounts.sendLink()
            try await accounts.sendCode()
            try await orders.add(write(ids[1], customer: 3, email: siti.text))
            let tried = try #require(try await accounts.tryCode(.signInCode, siti.text, in: Fixture.storeID, at: now))
            let session = SessionID()
            let account = try await accounts.beginSession(session, using: tried, with: siti, expires: now, at: now, from: nil)
            #expect(account?.buyer == other)
            let set = try await accounts.setPassword(
                cheapHash, resetToken: link.digest, in: Fixture.storeID, at: now, from: nil)
            #expect(set?.buyer == other)
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account?.passwordHash == cheapHash)
            // All sessions of the address end, also those that an operator began.
            #expect(try await accounts.generation(of: other) == 1)
            #expect(try await accounts.generation(of: buyer) == 1)
            #expect(try await accounts.account(of: siti, in: Fixture.otherStoreID).account == nil)
            #expect(try await accounts.account(of: siti, in: StoreID("store_absent")!).account == nil)
            #expect(try await accounts.account(of: EmailAddress("nobody@example.com")!, in: Fixture.storeID).account == nil)
        },
        Clause("a store says whether it requires a code") { orders, accounts in
            try await orders.addStores()
            #expect(try await !accounts.account(of: siti, in: Fixture.storeID).requiresCode)
            let session = try await orders.beginImport(allOrNothing: false)
            let store = Fixture.store().replacing([("is_customer_otp_required", true)])
            _ = try await session.write([MerchantStore(store)], at: Timestamp(seconds: 5))
            try await session.commit()
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).requiresCode)
        },
        Clause("a link sets a password once, confirms the customer, and ends all sessions") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            let (session, _) = try await accounts.signIn()
            let token = try await accounts.sendLink()
            #expect(try await accounts.email(ofResetToken: token.digest, in: Fixture.storeID, at: now) == siti)
            #expect(try await accounts.email(ofResetToken: token.digest, in: Fixture.otherStoreID, at: now) == nil)
            #expect(try await accounts.email(ofResetToken: ResetToken().digest, in: Fixture.storeID, at: now) == nil)
            for seconds in [3600, -120] as [Int64] {
                #expect(
                    try await accounts.email(
                        ofResetToken: token.digest, in: Fixture.storeID, at: now.adding(seconds: seconds)) == nil)
                #expect(
                    try await accounts.setPassword(
                        cheapHash, resetToken: token.digest, in: Fixture.storeID, at: now.adding(seconds: seconds), from: nil)
                        == nil)
            }
            let outcomes = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await accounts.setPassword(
                            cheapHash, resetToken: token.digest, in: Fixture.storeID, at: now, from: nil)?.generation
                    }
                }
                return try await group.reduce(into: [Int64]()) { if let generation = $1 { $0.append(generation) } }
            }
            #expect(outcomes == [1])
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account?.passwordHash == cheapHash)
            #expect(try await accounts.generation(of: buyer) == 1)
            #expect(try await accounts.refresh(session, 1) == .ended)
            let subjects = try await accounts.accessNews(since: -1, at: now).revocations.map(\.subject)
            #expect(subjects == [.generations(buyer.customerID, before: 1)])
        },
        Clause("a password signs in until it changes, and its hash can be renewed") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            let token = try await accounts.sendLink()
            _ = try await accounts.setPassword(cheapHash, resetToken: token.digest, in: Fixture.storeID, at: now, from: nil)
            let account = try #require(try await accounts.account(of: siti, in: Fixture.storeID).account)
            let begin = { @Sendable (rehashed: PasswordHash?) in
                try await accounts.beginSession(
                    SessionID(), of: account, rehashed: rehashed, expires: now.adding(seconds: 1000), at: now, from: nil)
            }
            #expect(try await begin(nil))
            #expect(try await begin(otherHash))
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account?.passwordHash == otherHash)
            // The hash has changed.
            #expect(try await !begin(nil))
            #expect(try await accounts.kinds().filter { $0 == .signedInWithPassword }.count == 2)
        },
        Clause("a signed-in customer sets a password, which ends all sessions except the new one") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            let (old, _) = try await accounts.signIn()
            let set = { @Sendable (hash: PasswordHash, before: PasswordHash?, session: SessionID) in
                try await accounts.setPassword(
                    hash, of: buyer, replacing: before, session: session, expires: now.adding(seconds: 1000), at: now, from: nil)
            }
            let new = SessionID()
            let link = try await accounts.sendLink()
            #expect(try await set(cheapHash, nil, new) == 1)
            // An earlier link can no longer set a password.
            #expect(try await accounts.email(ofResetToken: link.digest, in: Fixture.storeID, at: now) == nil)
            #expect(try await set(otherHash, nil, SessionID()) == nil)
            #expect(try await accounts.refresh(old, 1) == .ended)
            #expect(try await accounts.refresh(new, 1, generation: 1) == .next(2))
            #expect(try await set(otherHash, cheapHash, SessionID()) == 2)
            #expect(try await accounts.refresh(new, 2, generation: 1) == .ended)
            #expect(try await accounts.profile(of: buyer, at: now)?.passwordHash == otherHash)
        },
    ]
}
