import JSON
import Orders
import TestFixtures
import Testing

extension StorageContract {
    static let absence = [
        Clause("an empty storage contains nothing and reports that") { storage in
            try await storage.check()
            #expect(try await storage.isEmpty())
            #expect(try await storage.order(.id(ids[0]), for: buyer) == nil)
            #expect(try await storage.version(of: .id(ids[0]), for: buyer) == nil)
            #expect(try await storage.page(PageRequest(), for: buyer).orders.isEmpty)
            #expect(try await !storage.hasStore(Fixture.storeID))
            #expect(try await !storage.hasCustomer(buyer))
            #expect(try await storage.customers(of: Fixture.storeID, with: EmailAddress("a@example.com")!) == [])
        },
        Clause("an order exists for its buyer in its store, and for nobody else") { storage in
            try await storage.addStores()
            #expect(try await !storage.isEmpty())
            try await storage.add(write(ids[0], legacy: 55))
            let others = [
                Buyer(storeID: Fixture.storeID, customerID: CustomerID(8)),
                Buyer(storeID: Fixture.otherStoreID, customerID: CustomerID(7)),
            ]
            for reference in [OrderReference.id(ids[0]), .legacy(LegacyOrderID(55)!)] {
                #expect(try await storage.notes(reference) == .null)
                #expect(try await storage.version(of: reference, for: buyer) != nil)
                for other in others {
                    #expect(try await storage.order(reference, for: other) == nil)
                    #expect(try await storage.version(of: reference, for: other) == nil)
                }
            }
            for other in others { #expect(try await storage.outline(of: PageRequest(), for: other).entries == []) }
            #expect(try await storage.order(.id(ids[1]), for: buyer) == nil)
            #expect(try await storage.order(.legacy(LegacyOrderID(56)!), for: buyer) == nil)
        },
        Clause("the same ids in two stores are two orders of two buyers") { storage in
            try await storage.addStores()
            try await storage.add(
                write(ids[0], legacy: 55, notes: "here"), write(ids[0], legacy: 55, store: Fixture.otherStoreID, notes: "there"))
            let other = Buyer(storeID: Fixture.otherStoreID, customerID: CustomerID(7))
            #expect(try await storage.notes(.id(ids[0])) == "here")
            #expect(try await storage.notes(.id(ids[0]), of: other) == "there")
            #expect(try await storage.notes(.legacy(LegacyOrderID(55)!), of: other) == "there")
        },
        Clause("customers are found by their address, in upper or lower case, in their store") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0]), write(ids[1], customer: 8))
            #expect(
                try await storage.customers(of: Fixture.storeID, with: EmailAddress(" CUSTOMER.7@Example.com ")!) == [
                    CustomerID(7)
                ])
            #expect(try await storage.customers(of: Fixture.otherStoreID, with: EmailAddress("customer.7@example.com")!) == [])
            #expect(try await storage.others(sharingAddressWith: buyer) == [])
            #expect(try await storage.hasCustomer(buyer))
            #expect(try await !storage.hasCustomer(Buyer(storeID: Fixture.otherStoreID, customerID: CustomerID(7))))
        },
    ]
}
