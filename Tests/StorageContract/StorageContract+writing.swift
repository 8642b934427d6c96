import JSON
import Orders
import TestFixtures
import Testing

extension StorageContract {
    static let writing = [
        Clause("only a newer order replaces; an older one, one with the same time and one without a time do not") { storage in
            try await storage.addStores()
            #expect(try await storage.add(write(ids[0], notes: "1", updated: "2026-03-01T00:00:00Z")) == [.created])
            let first = try #require(try await storage.version(of: .id(ids[0]), for: buyer))
            let others: [(updated: String?, outcome: WriteOutcome)] = [
                ("2026-03-01T00:00:00Z", .kept), ("2026-02-28T23:59:59.999999Z", .unchanged), (nil, .unchanged),
            ]
            for (updated, outcome) in others {
                #expect(try await storage.add(write(ids[0], notes: "no", updated: updated), at: 3) == [outcome])
            }
            #expect(try await storage.version(of: .id(ids[0]), for: buyer) == first)
            #expect(try await storage.notes(.id(ids[0])) == "1")
            #expect(
                try await storage.add(write(ids[0], notes: "2", updated: "2026-03-01T00:00:00.000001Z"), at: 3) == [.replaced])
            #expect(try await storage.notes(.id(ids[0])) == "2")
            let second = try #require(try await storage.version(of: .id(ids[0]), for: buyer))
            #expect(second.order > first.order)
            #expect((second.store, second.customer) == (first.store, first.customer))
        },
        Clause("an order without a time is replaced by any order with a time") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], updated: nil))
            #expect(try await storage.add(write(ids[0], notes: "2", updated: "1999-01-01T00:00:00Z")) == [.replaced])
        },
        Clause("a version is never reused, even if the clock stops or goes back") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], updated: "2026-03-01T00:00:00Z"), at: 100)
            var versions = [try #require(try await storage.version(of: .id(ids[0]), for: buyer)).order]
            for second in 1...3 {
                try await storage.add(write(ids[0], updated: "2026-03-01T00:00:0\(second)Z"), at: 50)
                versions.append(try #require(try await storage.version(of: .id(ids[0]), for: buyer)).order)
            }
            #expect(versions == versions.sorted())
            #expect(Set(versions).count == 4)
        },
        Clause("the customer is as in their newest data, whichever order contains it") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], customerUpdated: "2026-01-02T00:00:00Z", name: "Siti R."))
            try await storage.add(write(ids[1], customerUpdated: "2026-01-01T00:00:00Z", name: "Old"))
            let first = try #require(try await storage.order(.id(ids[0]), for: buyer))
            #expect(try JSON(parsing: first.customer)["name"] == "Siti R.")
            // The order itself is not newer, but its customer is.
            #expect(try await storage.add(write(ids[1], customerUpdated: "2026-01-03T00:00:00Z", name: "New")) == [.kept])
            let second = try #require(try await storage.order(.id(ids[0]), for: buyer))
            #expect(try JSON(parsing: second.customer)["name"] == "New")
            #expect(second.version.customer > first.version.customer)
            #expect(second.version.order == first.version.order)
        },
        Clause("the store is as it was last written") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0]))
            let first = try #require(try await storage.version(of: .id(ids[0]), for: buyer))
            let session = try await storage.beginImport(allOrNothing: false)
            let store = try MerchantStore(Fixture.store(name: "Toko Baru"))
            #expect(try await session.write([store], at: Timestamp(seconds: 9)) == [.replaced])
            #expect(try await session.write([store], at: Timestamp(seconds: 10)) == [.unchanged])
            try await session.commit()
            let order = try #require(try await storage.order(.id(ids[0]), for: buyer))
            #expect(try JSON(parsing: order.store)["name"] == "Toko Baru")
            #expect(order.version.store > first.store)
        },
        Clause("an order that moves to another customer belongs only to that one") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], legacy: 55))
            try await storage.add(write(ids[0], legacy: 55, customer: 8, updated: "2026-04-01T00:00:00Z"))
            let other = Buyer(storeID: Fixture.storeID, customerID: CustomerID(8))
            for reference in [OrderReference.id(ids[0]), .legacy(LegacyOrderID(55)!)] {
                #expect(try await storage.order(reference, for: buyer) == nil)
                #expect(try await storage.order(reference, for: other) != nil)
            }
            #expect(try await storage.outline(of: PageRequest(), for: buyer).entries.isEmpty)
        },
        Clause("a refused order leaves no trace, and the other orders of its batch are kept") { storage in
            try await storage.addStores()
            let stranger = StoreID("store_unknown")!
            let outcomes = try await storage.add(
                write(ids[0], slug: "s"), write(ids[1], customer: 8, slug: "s"), write(ids[2], store: stranger, customer: 9),
                write(ids[3], slug: "t"))
            #expect(
                outcomes == [
                    .created, .refused(Refusal("secret_slug", "is already that of another order")),
                    .refused(Refusal("store.unique_id", "is that of no store here: import the store first")), .created,
                ])
            #expect(try await !storage.hasCustomer(Buyer(storeID: Fixture.storeID, customerID: CustomerID(8))))
            #expect(try await !storage.hasCustomer(Buyer(storeID: stranger, customerID: CustomerID(9))))
            #expect(try await storage.outline(of: PageRequest(), for: buyer).entries.map(\.id) == [ids[3], ids[0]])
        },
        Clause("a slug is available again when its order gets another one") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], slug: "s"))
            try await storage.add(write(ids[0], slug: "t", updated: "2026-04-01T00:00:00Z"))
            #expect(try await storage.add(write(ids[1], slug: "s")) == [.created])
            #expect(
                try await storage.add(write(ids[2], slug: "t")) == [
                    .refused(Refusal("secret_slug", "is already that of another order"))
                ])
        },
    ]
}
