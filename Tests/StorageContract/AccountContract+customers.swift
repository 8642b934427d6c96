import Accounts
import JSON
import Orders
import TestFixtures
import Testing

extension AccountContract {
    static let customers = [
        Clause("a customer's change appears in their orders, until a newer order says otherwise") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0], customerUpdated: "2026-01-01T00:00:00Z"))
            #expect(try await accounts.change(ProfileChange([.name: "Siti R"]), of: buyer, at: now))
            let order = try #require(try await orders.order(.id(ids[0]), for: buyer))
            #expect(try JSON(parsing: order.customer)["name"] == "Siti R")
            #expect(try JSON(parsing: order.customer)["last_updated_at"] == .string(now.description))
            #expect(try await accounts.profile(of: buyer, at: now)?.document == order.customer)
            // Older than the change.
            try await orders.add(write(ids[1], customerUpdated: "2026-06-01T00:00:00Z", name: "Siti Lama"))
            #expect(try JSON(parsing: try #require(try await orders.order(.id(ids[1]), for: buyer)).customer)["name"] == "Siti R")
            try await orders.add(write(ids[2], customerUpdated: "2027-06-01T00:00:00Z", name: "Siti Baru"))
            #expect(
                try JSON(parsing: try #require(try await orders.order(.id(ids[2]), for: buyer)).customer)["name"] == "Siti Baru")
            let nobody = Buyer(storeID: Fixture.storeID, customerID: CustomerID(99))
            #expect(try await !accounts.change(ProfileChange([.name: "X"]), of: nobody, at: now))
            #expect(try await accounts.profile(of: nobody, at: now) == nil)
        },
        Clause("a customer's change is the newest also if the clock was set back") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            var last: Timestamp?
            for seconds in [0, -100, -100, 50] as [Int64] {
                let time = now.adding(seconds: seconds)
                #expect(try await accounts.change(ProfileChange([.name: "\(seconds)"]), of: buyer, at: time))
                #expect(try await accounts.changeByMerchant([("phone", "0811")], of: buyer, at: time) == .changed)
                let customer = try JSON(parsing: try #require(try await accounts.profile(of: buyer, at: now)).document)
                guard case .string(let text)? = customer["last_updated_at"], let updated = Timestamp(text) else {
                    Issue.record("there is no last_updated_at")
                    return
                }
                if let last { #expect(last < updated) }
                last = updated
            }
            #expect(last == now.adding(seconds: 50).next(after: now.adding(seconds: 50)))
            // An order with what it was before is older.
            try await orders.add(write(ids[1], customerUpdated: now.description))
            #expect(try JSON(parsing: try #require(try await orders.order(.id(ids[1]), for: buyer)).customer)["name"] == "50")
        },
        Clause("what no order shows of a customer is kept, and changed field by field") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            #expect(try await accounts.profile(of: buyer, at: now)?.details == ProfileDetails())
            var change = ProfileChange()
            (change.dateOfBirth, change.sex, change.isUnsubscribed) = ("2001-12-31", "female", true)
            #expect(try await accounts.change(change, of: buyer, at: now))
            let all = ProfileDetails(dateOfBirth: "2001-12-31", sex: "female", isUnsubscribed: true)
            #expect(try await accounts.profile(of: buyer, at: now)?.details == all)
            var clearing = ProfileChange([.name: "Siti R"])
            clearing.sex = .some(nil)
            #expect(try await accounts.change(clearing, of: buyer, at: now))
            let rest = ProfileDetails(dateOfBirth: "2001-12-31", isUnsubscribed: true)
            #expect(try await accounts.profile(of: buyer, at: now)?.details == rest)
        },
        Clause("a new address becomes a customer's when it is proven, and their orders stay theirs") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]), write(ids[1], customer: 8))
            let new = EmailAddress("new@example.com")!
            let request = mail(.addressCode, to: new, of: buyer.customerID)
            try await accounts.sendCode(request)
            #expect(try await accounts.profile(of: buyer, at: now)?.pendingEmail == new)
            #expect(try await accounts.profile(of: buyer, at: now)?.email == siti)
            let tried = try #require(
                try await accounts.tryCode(.addressCode, buyer.customerID.description, in: Fixture.storeID, at: now))
            // A link sent to the previous address no longer works.
            let link = try await accounts.sendLink()
            #expect(try await accounts.changeEmail(of: buyer, using: tried, at: now, from: nil) == .changed)
            #expect(try await accounts.changeEmail(of: buyer, using: tried, at: now, from: nil) == .noCode)
            #expect(try await accounts.email(ofResetToken: link.digest, in: Fixture.storeID, at: now) == nil)
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account == nil)
            #expect(try await accounts.account(of: new, in: Fixture.storeID).account?.buyer == buyer)
            #expect(try await orders.notes(.id(ids[0])) == .null)
            // A later order does not take the address back either.
            try await orders.add(write(ids[2], customerUpdated: "2028-01-01T00:00:00Z"))
            #expect(try await accounts.account(of: new, in: Fixture.storeID).account?.buyer == buyer)
            let customer = try JSON(parsing: try #require(try await orders.order(.id(ids[2]), for: buyer)).customer)
            #expect(customer["email"] == .string(new.text))
        },
        Clause("customers who share an address change together, and keep sharing it") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]), write(ids[1], customer: 8, email: siti.text), write(ids[2], customer: 9))
            let (other, stranger) = (
                Buyer(storeID: Fixture.storeID, customerID: CustomerID(8)),
                Buyer(storeID: Fixture.storeID, customerID: CustomerID(9))
            )
            func customer(_ buyer: Buyer) async throws -> JSON {
                try JSON(parsing: try #require(try await accounts.profile(of: buyer, at: now)).document)
            }
            _ = try await accounts.signIn()
            #expect(try await accounts.change(ProfileChange([.name: "Siti R"]), of: buyer, at: now))
            #expect(try await customer(buyer)["name"] == "Siti R")
            #expect(try await customer(other)["name"] == "Siti R")
            #expect(try await customer(stranger)["name"] == "Siti")

            let new = EmailAddress("new@example.com")!
            try await accounts.sendCode(mail(.addressCode, to: new, of: buyer.customerID))
            let tried = try #require(
                try await accounts.tryCode(.addressCode, buyer.customerID.description, in: Fixture.storeID, at: now))
            #expect(try await accounts.changeEmail(of: buyer, using: tried, at: now, from: nil) == .changed)
            for buyer in [buyer, other] { #expect(try await customer(buyer)["email"] == .string(new.text)) }
            #expect(try await orders.others(sharingAddressWith: buyer) == [other])
            #expect(try await accounts.account(of: new, in: Fixture.storeID).account?.buyer == buyer)
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account == nil)
            // No later order takes it back, until one gives the other customer an address of their own.
            try await orders.add(write(ids[3], customer: 8, customerUpdated: "2028-01-01T00:00:00Z", email: siti.text))
            #expect(try await orders.others(sharingAddressWith: buyer) == [other])
            let own = "customer.8@example.com"
            try await orders.add(write(ids[4], customer: 8, customerUpdated: "2028-02-01T00:00:00Z", email: own))
            #expect(try await orders.others(sharingAddressWith: buyer) == [])
            #expect(try await accounts.account(of: EmailAddress(own)!, in: Fixture.storeID).account?.buyer == other)
            // Once they have signed in with it, it is theirs.
            try await accounts.sendCode(mail(to: EmailAddress(own)!))
            let code = try #require(try await accounts.tryCode(.signInCode, own, in: Fixture.storeID, at: now))
            _ = try await accounts.beginSession(
                SessionID(), using: code, with: EmailAddress(own)!, expires: now, at: now, from: nil)
            try await orders.add(write(ids[3], customer: 8, customerUpdated: "2028-03-01T00:00:00Z", email: siti.text))
            #expect(try await customer(other)["email"] == .string(own))
        },
        Clause("customers who share an address know of each other once it is proven, in their store") { orders, accounts in
            try await orders.addStores()
            try await orders.add(
                write(ids[0]), write(ids[1], customer: 9, email: siti.text),
                write(ids[2], customer: 8, email: " Customer.7@EXAMPLE.com"), write(ids[3], customer: 6),
                write(ids[4], store: Fixture.otherStoreID, customer: 5, email: siti.text))
            let others = [8, 9].map { Buyer(storeID: Fixture.storeID, customerID: CustomerID($0)) }
            #expect(try await orders.others(sharingAddressWith: buyer) == [])
            #expect(try await !orders.outline(of: PageRequest(), for: buyer).isShared)
            _ = try await accounts.signIn()
            #expect(try await orders.others(sharingAddressWith: buyer) == others)
            // They have proven nothing themselves.
            #expect(try await orders.others(sharingAddressWith: others[1]) == [])
            for request in [PageRequest(), PageRequest(position: .olderThan(ids[0])), PageRequest(position: .newerThan(ids[4]))] {
                #expect(try await orders.outline(of: request, for: buyer).isShared)
                #expect(try await orders.page(request, for: buyer).outline.isShared)
                #expect(try await !orders.outline(of: request, for: others[0]).isShared)
            }
            // Each one's own pages have their own orders only.
            #expect(try await orders.outline(of: PageRequest(), for: buyer).entries.map(\.id) == [ids[0]])
        },
        Clause("who only shares an address leaves it when the merchant says so") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]), write(ids[1], customer: 8, email: siti.text))
            _ = try await accounts.signIn()
            try await orders.add(write(ids[2], customer: 8, customerUpdated: "2026-02-01T00:00:00Z"))
            #expect(try await orders.others(sharingAddressWith: buyer) == [])
        },
        Clause("an address of another customer can't be taken") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]), write(ids[1], customer: 8))
            let others = EmailAddress("customer.8@example.com")!
            try await accounts.sendCode(mail(.addressCode, to: others, of: buyer.customerID))
            let tried = try #require(
                try await accounts.tryCode(.addressCode, buyer.customerID.description, in: Fixture.storeID, at: now))
            #expect(try await accounts.changeEmail(of: buyer, using: tried, at: now, from: nil) == .taken)
            #expect(try await accounts.account(of: siti, in: Fixture.storeID).account?.buyer == buyer)
        },
        Clause("delivery addresses belong to one customer, are numbered, and are limited") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]), write(ids[1], customer: 8))
            let other = Buyer(storeID: Fixture.storeID, customerID: CustomerID(8))
            let added = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for _ in 0..<12 {
                    group.addTask { try await accounts.addAddress(home, of: buyer, limit: 10, at: now) }
                }
                return try await group.reduce(into: [Int64]()) { if let id = $1 { $0.append(id) } }
            }
            #expect(added.count == 10)
            #expect(Set(added).count == 10)
            #expect(try await accounts.addAddress(home, of: other, limit: 10, at: now) == 1)
            let first = try #require(try await accounts.addresses(of: buyer).first)
            #expect(first.address == home)
            var moved = home
            (moved.address, moved.location, moved.phone, moved.postalCode) = ("Jl. Anggrek 2", .text("9089"), nil, "10510")
            let changed = moved
            let kept = try await accounts.replaceAddress(first.id, of: buyer, at: now) { before in
                #expect(before == home)
                return changed
            }
            #expect(kept == changed)
            await #expect(throws: Failure.internalError) {
                try await accounts.replaceAddress(first.id, of: buyer, at: now) { _ in throw Failure.internalError }
            }
            #expect(try await accounts.addresses(of: buyer).first?.address == changed)
            let last = try #require(added.max())
            #expect(try await accounts.removeAddress(last, of: buyer))
            #expect(try await !accounts.removeAddress(last, of: buyer))
            #expect(try await accounts.replaceAddress(last, of: buyer, at: now) { $0 } == nil)
            // The number of a removed address is never reused.
            #expect(try await accounts.addAddress(home, of: buyer, limit: 10, at: now) ?? 0 > last)
            #expect(try await accounts.addresses(of: other).map(\.id) == [1])
        },
    ]
}

private let home = {
    var home = DeliveryAddress()
    (home.name, home.phone, home.location, home.address) = ("Siti", "62811", .number(9089), "Jl. Melati 1\nBlok C")
    (home.email, home.subdistrict, home.city) = (siti, "Cempaka Putih", "Kota Jakarta Pusat")
    return home
}()
