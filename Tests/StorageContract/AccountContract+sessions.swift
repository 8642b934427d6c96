import Accounts
import JSON
import Orders
import TestFixtures
import Testing

extension AccountContract {
    static let sessions = [
        Clause("a code signs in once, and confirms the customer") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            let before = try #require(try await orders.version(of: .id(ids[0]), for: buyer))
            try await accounts.sendCode()
            let tried = try #require(try await accounts.tryCode(.signInCode, siti.text, in: Fixture.storeID, at: now))
            let signedIn = try await withThrowingTaskGroup(of: Account?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await accounts.beginSession(
                            SessionID(), using: tried, with: siti, expires: now.adding(seconds: 1000), at: now, from: nil)
                    }
                }
                return try await group.reduce(into: [Account]()) { if let account = $1 { $0.append(account) } }
            }
            #expect(signedIn.count == 1)
            #expect(signedIn.first?.buyer == buyer)
            #expect(signedIn.first?.generation == 0)
            let order = try #require(try await orders.order(.id(ids[0]), for: buyer))
            let customer = try JSON(parsing: order.customer)
            #expect(customer["confirmed_at"] == .string(now.description))
            #expect(customer["status"] == "confirmed")
            #expect(order.version.customer > before.customer)
            #expect(try await accounts.kinds() == [.signedInWithCode])
            // The merchant's next order does not take that back.
            try await orders.add(write(ids[1], customerUpdated: "2026-02-01T00:00:00Z", name: "Siti R"))
            let after = try JSON(parsing: try #require(try await orders.order(.id(ids[1]), for: buyer)).customer)
            #expect(after["name"] == "Siti R")
            #expect(after["confirmed_at"] == .string(now.description))
        },
        Clause("an address that was used to sign in stays the customer's if an order has another one") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            _ = try await accounts.signIn()
            let json = Fixture.order(
                id: .string(ids[1].description),
                [
                    "customer": Fixture.customer(7, updated: "2026-09-01T00:00:00Z").replacing([
                        ("email", "someone.else@example.com"), ("name", "Siti R"),
                    ])
                ])
            try await orders.add(
                try OrderChange(json, id: ids[1]))
            #expect(try await accounts.account(of: EmailAddress("someone.else@example.com")!, in: Fixture.storeID).account == nil)
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account?.buyer == buyer)
            let customer = try JSON(parsing: try #require(try await orders.order(.id(ids[1]), for: buyer)).customer)
            #expect(customer["email"] == .string(siti.text))
            #expect(customer["name"] == "Siti R")
        },
        Clause("a code for an address that is no longer the customer's signs nobody in") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            try await accounts.sendCode()
            let tried = try #require(try await accounts.tryCode(.signInCode, siti.text, in: Fixture.storeID, at: now))
            #expect(
                try await accounts.beginSession(
                    SessionID(), using: tried, with: EmailAddress("other@example.com")!, expires: now, at: now, from: nil) == nil)
        },
        Clause("concurrent callers of one refresh token each continue the session") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            let (session, _) = try await accounts.signIn()
            let outcomes = try await withThrowingTaskGroup(of: RefreshOutcome.self) { group in
                for _ in 0..<20 { group.addTask { try await accounts.refresh(session, 1) } }
                return try await group.reduce(into: [RefreshOutcome]()) { $0.append($1) }
            }
            // Each got a token of its own, and the session continues with each of them.
            let numbers = outcomes.compactMap { if case .next(let number) = $0 { number } else { nil } }
            #expect(numbers.sorted() == Array(2...21))
            for number in 2...21 as ClosedRange<Int64> {
                let outcome = try await accounts.refresh(session, number, at: now.adding(seconds: number * 100))
                #expect(outcome == .next(number + 20))
            }
            #expect(try await accounts.kinds().filter { $0 == .refreshTokenShared }.count == 19)
        },
        Clause("two tabs that shared a refresh token once are not signed out, whenever they use theirs") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            let (session, _) = try await accounts.signIn()
            #expect(try await accounts.refresh(session, 1) == .next(2))
            #expect(try await accounts.refresh(session, 1, at: now.adding(seconds: 10)) == .next(3))
            #expect(try await accounts.refresh(session, 2, at: now.adding(seconds: 11)) == .next(4))
            #expect(try await accounts.refresh(session, 4, at: now.adding(seconds: 700)) == .next(5))
            #expect(try await accounts.refresh(session, 3, at: now.adding(seconds: 710)) == .next(6))
            // A token that was used by either ends both.
            guard case .reused = try await accounts.refresh(session, 3, at: now.adding(seconds: 800)) else {
                Issue.record("it was not noticed")
                return
            }
            #expect(try await accounts.refresh(session, 5, at: now.adding(seconds: 801)) == .ended)
            #expect(try await accounts.refresh(session, 6, at: now.adding(seconds: 801)) == .ended)
        },
        Clause("a refresh token that is reused later ends its session") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            for (number, seconds) in [(1, 11), (1, -6)] as [(Int64, Int64)] {
                let (session, _) = try await accounts.signIn(at: now.adding(seconds: seconds * 100 + 2000))
                let used = now.adding(seconds: seconds * 100 + 2001)
                #expect(try await accounts.refresh(session, 1, at: used) == .next(2))
                guard
                    case .reused(let revocation) = try await accounts.refresh(session, number, at: used.adding(seconds: seconds))
                else {
                    Issue.record("it was not noticed")
                    return
                }
                #expect(revocation.subject == .session(session))
                #expect(try await accounts.refresh(session, 2, at: used) == .ended)
                #expect(try await accounts.accessNews(since: -1, at: used).revocations.contains(revocation))
            }
            #expect(try await accounts.kinds().filter { $0 == .refreshTokenReused }.count == 2)
        },
        Clause("a refresh token that was never issued, or is of no session of its customer, has no effect") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]), write(ids[1], customer: 8))
            let (session, _) = try await accounts.signIn()
            #expect(try await accounts.refresh(session, 2) == .ended)
            #expect(try await accounts.refresh(session, 1, generation: 1) == .ended)
            #expect(try await accounts.refresh(SessionID(), 1) == .ended)
            let others = RefreshGrant(
                buyer: Buyer(storeID: Fixture.storeID, customerID: CustomerID(8)), session: session, generation: 0, number: 1)
            #expect(try await accounts.useRefreshToken(others, grace: 10, expires: now, at: now, from: nil) == .ended)
            #expect(try await accounts.refresh(session, 1, at: now.adding(seconds: 1000)) == .ended)
            #expect(try await accounts.refresh(session, 1) == .next(2))
        },
        Clause("revocations are announced, and a revoked session does not continue") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            let (session, _) = try await accounts.signIn()
            let before = try await accounts.accessNews(since: -1, at: now).number
            let revocations = [
                Revocation(.session(session), in: Fixture.storeID, expires: now.seconds + 900),
                Revocation(.token("abc"), in: Fixture.storeID, expires: now.seconds + 100),
            ]
            try await accounts.revoke(revocations, of: buyer, at: now, from: "192.0.2.1")
            let news = try await accounts.accessNews(since: before, at: now)
            #expect(Set(news.revocations) == Set(revocations))
            #expect(news.number > before)
            #expect(try await accounts.accessNews(since: news.number, at: now).revocations.isEmpty)
            #expect(try await accounts.accessNews(since: before, at: now.adding(seconds: 100)).revocations == [revocations[0]])
            #expect(try await accounts.refresh(session, 1) == .ended)
            #expect(try await accounts.kinds().filter { $0 == .signedOut }.count == 1)
            // Revoking it again announces nothing.
            try await accounts.revoke([revocations[0]], of: buyer, at: now, from: nil)
            let unknown = Revocation(.session(SessionID()), in: Fixture.storeID, expires: now.seconds + 900)
            try await accounts.revoke([unknown], of: buyer, at: now, from: nil)
            #expect(try await accounts.accessNews(since: news.number, at: now).number == news.number)
            #expect(try await accounts.kinds().filter { $0 == .signedOut }.count == 1)
            try await accounts.removeExpired(at: now.adding(seconds: 901))
            #expect(try await accounts.accessNews(since: -1, at: now).revocations.isEmpty)
        },
    ]
}
