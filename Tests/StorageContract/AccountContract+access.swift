import Accounts
import Orders
import TestFixtures
import Testing

extension AccountContract {
    static let access = [
        Clause("keys and origins belong to one store, and changes are announced") { orders, accounts in
            try await orders.addStores()
            let (key, origin) = (StorefrontKey(), WebOrigin("https://a.example")!)
            #expect(try await !accounts.add(key, to: StoreID("store_absent")!, until: nil, at: now))
            #expect(try await !accounts.add(origin, to: StoreID("store_absent")!, until: nil, at: now))
            let start = try await accounts.accessNews(since: -1, at: now)
            #expect(start.directory?.has(key.text, of: Fixture.storeID) == false)
            #expect(try await accounts.add(key, to: Fixture.storeID, until: nil, at: now))
            #expect(try await accounts.add(origin, to: Fixture.storeID, until: nil, at: now))
            #expect(try await accounts.add(origin, to: Fixture.storeID, until: nil, at: now.adding(seconds: 9)))
            let news = try await accounts.accessNews(since: start.number, at: now)
            let directory = try #require(news.directory)
            #expect(directory.has(key.text, of: Fixture.storeID))
            #expect(!directory.has(key.text, of: Fixture.otherStoreID))
            #expect(!directory.has("", of: Fixture.storeID))
            #expect(directory.allows(origin.text, for: Fixture.storeID))
            #expect(!directory.allows(origin.text, for: Fixture.otherStoreID))
            #expect(!directory.allows("https://a.example.evil", for: Fixture.storeID))
            #expect(try await accounts.accessNews(since: news.number, at: now).directory == nil)
            // A number that was never issued: an older copy of the database was restored.
            #expect(try await accounts.accessNews(since: news.number + 100, at: now).directory != nil)
            #expect(try await accounts.storefrontKeys(of: Fixture.storeID).map(\.text) == [key.text])
            let listed = try #require(try await accounts.origins(of: Fixture.storeID).first)
            #expect(listed.insertedAt == now && listed.updatedAt == now.adding(seconds: 9))
            #expect(listed.status(at: now) == .active)
            #expect(try await !accounts.end(storefrontKey: key.text, of: Fixture.otherStoreID, at: now, now: now))
            #expect(try await accounts.end(storefrontKey: key.text, of: Fixture.storeID, at: now, now: now))
            #expect(try await accounts.end(origin: origin.text, of: Fixture.storeID, at: now, now: now))
            #expect(try await !accounts.end(origin: origin.text, of: Fixture.storeID, at: now, now: now))
            #expect(try await accounts.storefrontKeys(of: Fixture.storeID).map { $0.status(at: now) } == [.revoked])
            let last = try #require(try await accounts.accessNews(since: news.number, at: now).directory)
            #expect(!last.has(key.text, of: Fixture.storeID))
            #expect(!last.allows(origin.text, for: Fixture.storeID))
            // Registered again, it is allowed again.
            #expect(try await accounts.add(origin, to: Fixture.storeID, until: nil, at: now))
            let again = try #require(try await accounts.accessNews(since: news.number, at: now).directory)
            #expect(again.allows(origin.text, for: Fixture.storeID))
        },
        Clause("keys and origins end when they are to") { orders, accounts in
            try await orders.addStores()
            let (key, origin, time) = (StorefrontKey(), WebOrigin("capacitor://localhost")!, Timestamp.now)
            let (before, end) = (time.adding(seconds: 59), time.adding(seconds: 60))
            #expect(try await accounts.add(key, to: Fixture.storeID, until: end, at: time))
            #expect(try await accounts.add(origin, to: Fixture.storeID, until: nil, at: time))
            #expect(try await accounts.end(origin: origin.text, of: Fixture.storeID, at: end, now: time))
            let directory = try #require(try await accounts.accessNews(since: -1, at: time).directory)
            for (moment, isThere) in [(before, true), (end, false)] {
                #expect(directory.has(key.text, of: Fixture.storeID, at: moment) == isThere)
                #expect(directory.allows(origin.text, for: Fixture.storeID, at: moment) == isThere)
            }
            let entries = try await accounts.storefrontKeys(of: Fixture.storeID) + accounts.origins(of: Fixture.storeID)
            #expect(entries.map(\.expiresAt) == [end, end])
            #expect(entries.map { $0.status(at: before) } == [.active, .active])
            #expect(entries.map { $0.status(at: end) } == [.expired, .expired])
            #expect(try await !accounts.end(storefrontKey: key.text, of: Fixture.storeID, at: end, now: end))
        },
        Clause("business keys belong to one store, are stored as digests, and are limited") { orders, accounts in
            try await orders.addStores()
            let keys = [BusinessKey(isRestricted: false), BusinessKey(isRestricted: true)]
            let scopes: Set<BusinessScope> = [.readOrders]
            let absent = try await accounts.add(
                keys[0], with: nil, to: StoreID("store_absent")!, until: nil, limit: 2, at: now)
            #expect(absent == nil)
            let start = try await accounts.accessNews(since: -1, at: now)
            #expect(start.directory?.grant(presenting: keys[0]) == nil)
            let end = now.adding(seconds: 60)
            let ids = [
                try #require(try await accounts.add(keys[0], with: nil, to: Fixture.storeID, until: nil, limit: 2, at: now)),
                try #require(
                    try await accounts.add(
                        keys[1], with: scopes, to: Fixture.storeID, until: end, limit: 2, at: now.adding(seconds: 1))),
            ]
            let third = BusinessKey(isRestricted: false)
            #expect(try await accounts.add(third, with: nil, to: Fixture.storeID, until: nil, limit: 2, at: now) == nil)
            #expect(try await accounts.add(third, with: nil, to: Fixture.otherStoreID, until: nil, limit: 2, at: now) != nil)
            let directory = try #require(try await accounts.accessNews(since: start.number, at: now).directory)
            let grants = try keys.map { try #require(directory.grant(presenting: $0)) }
            #expect(grants.map(\.id) == ids && grants.map(\.storeID) == [Fixture.storeID, Fixture.storeID])
            #expect(grants.map(\.scopes) == [nil, scopes] && grants.map(\.expiresAt) == [nil, end])
            #expect(BusinessScope.allCases.allSatisfy(grants[0].allows) && !grants[1].allows(.changeStatus))
            #expect(directory.grant(presenting: BusinessKey(isRestricted: false)) == nil)
            let listed = try await accounts.businessKeys(of: Fixture.storeID)
            #expect(listed.map(\.hint) == keys.map(\.hint) && listed.map(\.grant) == grants)
            #expect(listed.map { $0.status(at: end) } == [.active, .expired])
            // One that has ended makes room.
            #expect(
                try await accounts.add(
                    BusinessKey(isRestricted: true), with: [], to: Fixture.storeID, until: nil, limit: 2, at: end) != nil)
            #expect(try await !accounts.end(businessKey: ids[0], of: Fixture.otherStoreID, at: now, now: now))
            // No end is ever put off.
            #expect(try await !accounts.end(businessKey: ids[1], of: Fixture.storeID, at: end.adding(seconds: 1), now: now))
            #expect(try await accounts.end(businessKey: ids[1], of: Fixture.storeID, at: end.adding(seconds: -1), now: now))
            #expect(try await accounts.end(businessKey: ids[0], of: Fixture.storeID, at: now, now: now))
            #expect(try await !accounts.end(businessKey: ids[0], of: Fixture.storeID, at: now, now: now))
            let last = try #require(try await accounts.accessNews(since: start.number, at: now).directory)
            #expect(last.grant(presenting: keys[0]) == nil && last.grant(presenting: keys[1]) != nil)
        },
        Clause("audit records are found by customer, newest first, for half a year") { orders, accounts in
            try await orders.addStores()
            for (number, kind) in [AuditRecord.Kind.wrongPassword, .wrongCode, .passwordReset].enumerated() {
                try await accounts.record(
                    AuditRecord(
                        kind, in: Fixture.storeID, of: buyer.customerID, at: now.adding(seconds: Int64(number)),
                        from: "192.0.2.\(number)"))
            }
            try await accounts.record(AuditRecord(.wrongPassword, in: Fixture.storeID, of: nil, at: now, from: nil))
            try await accounts.record(
                AuditRecord(.wrongPassword, in: Fixture.otherStoreID, of: buyer.customerID, at: now, from: nil))
            #expect(try await accounts.kinds() == [.passwordReset, .wrongCode, .wrongPassword])
            try await orders.add(write(ids[0]), write(ids[1], store: Fixture.otherStoreID))
            let other = Buyer(storeID: Fixture.otherStoreID, customerID: CustomerID(7))
            #expect(try await accounts.customers(with: siti) == [buyer, other])
            #expect(try await accounts.customers(with: EmailAddress("nobody@example.com")!) == [])
            let newest = try await accounts.auditRecords(of: [buyer.customerID, CustomerID(8)], in: Fixture.storeID, limit: 1)
            #expect(newest.map(\.client) == ["192.0.2.2"])
            // Records of nobody expire after an hour.
            try await accounts.removeExpired(at: now.adding(seconds: 180 * 86400))
            #expect(try await accounts.kinds().count == 3)
            try await accounts.removeExpired(at: now.adding(seconds: 181 * 86400))
            #expect(try await accounts.kinds().isEmpty)
        },
        Clause("a failed transaction leaves no trace") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            // A session with an id that already exists.
            let (session, _) = try await accounts.signIn()
            let token = try await accounts.sendLink()
            _ = try await accounts.setPassword(cheapHash, resetToken: token.digest, in: Fixture.storeID, at: now, from: nil)
            let account = try #require(try await accounts.account(of: siti, in: Fixture.storeID).account)
            await #expect(throws: StorageFailure.self) {
                try await accounts.beginSession(session, of: account, rehashed: otherHash, expires: now, at: now, from: nil)
            }
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account?.passwordHash == cheapHash)
            #expect(try await !accounts.kinds().contains(.signedInWithPassword))
        },
    ]
}
