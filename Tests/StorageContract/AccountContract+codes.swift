import Accounts
import JSON
import Orders
import TestFixtures
import Testing

extension AccountContract {
    static let codes = [
        Clause("requests are limited to one per minute, even for an unknown address") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            for address in [siti, EmailAddress("nobody@example.com")!] {
                #expect(try await accounts.request(mail(to: address), pause: 60, at: now) == 0)
                #expect(try await accounts.request(mail(to: address), pause: 60, at: now.adding(seconds: 20)) == 40)
                #expect(try await accounts.request(mail(to: address), pause: 60, at: now.adding(seconds: 59)) == 1)
                // A request of another kind is independent.
                #expect(try await accounts.request(mail(.resetLink, to: address), pause: 60, at: now.adding(seconds: 20)) == 0)
                #expect(try await accounts.request(mail(to: address), pause: 60, at: now.adding(seconds: 60)) == 0)
                // The clock was set back.
                #expect(try await accounts.request(mail(to: address), pause: 60, at: now.adding(seconds: -3600)) == 0)
                #expect(try await accounts.tryCode(.signInCode, address.text, in: Fixture.storeID, at: now) == nil)
            }
        },
        Clause("the last request for an address is delivered once, and retried after a failure") { orders, accounts in
            try await orders.addStores()
            _ = try await accounts.request(mail(), pause: 60, at: now)
            _ = try await accounts.request(mail(), pause: 60, at: now.adding(seconds: 60))
            #expect(try await accounts.claimMail(lease: 60, at: now) == nil)
            let claimed = try await withThrowingTaskGroup(of: QueuedMail?.self) { group in
                for _ in 0..<8 { group.addTask { try await accounts.claimMail(lease: 60, at: now.adding(seconds: 60)) } }
                return try await group.reduce(into: [QueuedMail]()) { if let mail = $1 { $0.append(mail) } }
            }
            #expect(claimed.count == 1)
            let queued = try #require(claimed.first)
            #expect(queued.attempts == 0)
            #expect(queued.requestedAt == now.adding(seconds: 60))
            #expect(queued.request.address == siti)
            #expect(queued.request.linkBase == "https://a.example")
            #expect(queued.request.language == .indonesian)
            try await accounts.postpone(queued, until: now.adding(seconds: 70))
            #expect(try await accounts.claimMail(lease: 60, at: now.adding(seconds: 69)) == nil)
            #expect(try await accounts.claimMail(lease: 60, at: now.adding(seconds: 70))?.attempts == 1)
            // The lease has expired.
            #expect(try await accounts.claimMail(lease: 60, at: now.adding(seconds: 130))?.attempts == 2)
            let record = AuditRecord(.codeSent, in: Fixture.storeID, of: buyer.customerID, at: now, from: nil)
            try await accounts.remove(queued, recording: record)
            #expect(try await accounts.claimMail(lease: 60, at: now.adding(seconds: 9999)) == nil)
            #expect(try await accounts.auditRecords(of: [buyer.customerID], in: Fixture.storeID, limit: 10) == [record])
        },
        Clause("mails are claimed in batches, alternating between stores, within each store's limit") {
            orders, accounts in
            try await orders.addStores()
            for number in 0..<5 {
                let address = EmailAddress("customer.\(number)@example.com")!
                _ = try await accounts.request(mail(to: address), pause: 60, at: now.adding(seconds: Int64(number)))
            }
            for number in 5..<7 {
                let request = MailRequest(
                    .signInCode, to: EmailAddress("customer.\(number)@example.com")!, in: Fixture.otherStoreID, language: .english
                )
                _ = try await accounts.request(request, pause: 60, at: now.adding(seconds: Int64(number)))
            }
            let later = now.adding(seconds: 60)
            let claim = { (limit: Int, perStore: Int, busy: [StoreID: Int]) in
                try await accounts.claimMails(limit, perStore: perStore, busy: busy, lease: 30, at: later).map {
                    "\($0.request.storeID == Fixture.storeID ? "A" : "B") \($0.request.address.text.dropFirst(9).prefix(1))"
                }
            }
            #expect(try await claim(3, 2, [:]) == ["A 0", "B 5", "A 1"])
            // Two of the first store's mails are in progress.
            #expect(try await claim(3, 2, [Fixture.storeID: 2, Fixture.otherStoreID: 1]) == ["B 6"])
            #expect(try await claim(3, 2, [Fixture.storeID: 2, Fixture.otherStoreID: 2]) == [])
            #expect(try await claim(9, 4, [Fixture.storeID: 1]) == ["A 2", "A 3", "A 4"])
            #expect(try await claim(9, 4, [:]) == [])
            // The leases have expired.
            let again = try await accounts.claimMails(9, perStore: 9, busy: [:], lease: 30, at: later.adding(seconds: 30))
            #expect(again.count == 7)
            #expect(again.allSatisfy { $0.attempts == 1 })
            // Concurrent claims return different mails.
            let claimed = try await withThrowingTaskGroup(of: [QueuedMail].self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await accounts.claimMails(2, perStore: 9, busy: [:], lease: 99, at: later.adding(seconds: 60))
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(claimed.map(\.id)).count == claimed.count)
        },
        Clause("a code of an older or voided request never proves a later one") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            let set = { @Sendable (mail: QueuedMail) in
                try await accounts.setCode(
                    OneTimeCodeHash(OneTimeCode()), of: mail, customerID: buyer.customerID, expires: now.adding(seconds: 600))
            }
            let mine = mail(.addressCode, to: EmailAddress("mine@example.com")!, of: buyer.customerID)
            let others = mail(.addressCode, to: EmailAddress("others@example.com")!, of: buyer.customerID)
            _ = try await accounts.request(mine, pause: 60, at: now)
            let older = try #require(try await accounts.claimMail(lease: 60, at: now))
            _ = try await accounts.request(others, pause: 60, at: now.adding(seconds: 60))
            #expect(try await !set(older))
            #expect(
                try await accounts.tryCode(.addressCode, mine.subject, in: Fixture.storeID, at: now.adding(seconds: 60)) == nil)
            // The same address, requested again.
            _ = try await accounts.request(others, pause: 60, at: now.adding(seconds: 120))
            let again = try #require(try await accounts.claimMail(lease: 60, at: now.adding(seconds: 120)))
            #expect(try await set(again))
            _ = try await accounts.request(mail(.resetLink), pause: 60, at: now.adding(seconds: 120))
            let link = try #require(try await accounts.claimMail(lease: 60, at: now.adding(seconds: 120)))
            _ = try await accounts.setPassword(
                cheapHash, of: buyer, replacing: nil, session: SessionID(), expires: now, at: now, from: nil)
            #expect(
                try await !accounts.setResetToken(
                    ResetToken().digest, of: link, customerID: buyer.customerID, expires: now.adding(seconds: 3600)))
        },
        Clause("a mail is for the customer with its address, or for the one who wants the address") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]), write(ids[1], customer: 8, name: "Budi"))
            #expect(try await accounts.recipient(of: mail())?.customerID == buyer.customerID)
            #expect(try await accounts.recipient(of: mail(to: EmailAddress("nobody@example.com")!)) == nil)
            let wanted = try await accounts.recipient(of: mail(.addressCode, to: siti, of: CustomerID(8)))
            #expect(wanted?.customerID == CustomerID(8))
            #expect(try JSON(parsing: try #require(wanted).customer)["name"] == "Budi")
            #expect(try JSON(parsing: try #require(wanted).store)["unique_id"] == .string(Fixture.storeID.text))
        },
        Clause("a code can be tried five times within ten minutes, even by a thousand concurrent callers") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            let code = try await accounts.sendCode()
            let tried = try await withThrowingTaskGroup(of: TriedCode?.self) { group in
                for _ in 0..<1000 {
                    group.addTask { try await accounts.tryCode(.signInCode, siti.text, in: Fixture.storeID, at: now) }
                }
                return try await group.reduce(into: [TriedCode]()) { if let code = $1 { $0.append(code) } }
            }
            #expect(tried.count == 5)
            #expect(tried.allSatisfy { $0.hash.matches(code) })
            // Used or not, the next code can be requested a minute later.
            #expect(try await accounts.request(mail(), pause: 60, at: now.adding(seconds: 1)) == 59)
            // A new code can be tried until it expires; one from the future was stored before the clock was set back.
            let later = now.adding(seconds: 60)
            try await accounts.sendCode(at: later)
            for (seconds, isValid) in [(0, true), (599, true), (600, false), (-120, false)] as [(Int64, Bool)] {
                let tried = try await accounts.tryCode(
                    .signInCode, siti.text, in: Fixture.storeID, at: later.adding(seconds: seconds))
                #expect((tried != nil) == isValid, "\(seconds)")
            }
            #expect(try await accounts.tryCode(.signInCode, siti.text, in: Fixture.otherStoreID, at: later) == nil)
            #expect(try await accounts.tryCode(.resetLink, siti.text, in: Fixture.storeID, at: later) == nil)
        },
    ]
}
