import JSON
import Orders
import SQLStorage
import TestFixtures
import Testing

@Suite struct `A stored document` {
    private let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
    private let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(7))
    private let document = Array(#"{"notes":"Halo \u0001"}"#.utf8)

    private var rows: [StoredDocument] {
        let other = Buyer(storeID: Fixture.otherStoreID, customerID: CustomerID(7))
        let neighbour = Buyer(storeID: Fixture.storeID, customerID: CustomerID(8))
        return [
            .order(id, of: buyer, version: 1), .order(id, of: buyer, version: 2), .order(id, of: neighbour, version: 1),
            .order(id, of: other, version: 1), .merchantOrder(id, in: Fixture.storeID),
            .merchantOrder(id, in: Fixture.otherStoreID),
            .store(Fixture.storeID, version: 1), .store(Fixture.otherStoreID, version: 1), .merchantStore(Fixture.storeID),
            .customer(buyer, version: 1), .customer(buyer, version: 2), .customer(neighbour, version: 1),
            .address(1, of: buyer), .address(2, of: buyer), .address(1, of: neighbour),
        ]
    }

    @Test func `is opened as it was, by its own row only`() throws {
        for (position, row) in rows.enumerated() {
            let stored = row.sealed(document)
            for (other, reader) in rows.enumerated() {
                if position == other {
                    #expect(try reader.opened(stored) == document)
                } else {
                    #expect(throws: StorageFailure.self) { try reader.opened(stored) }
                }
            }
        }
    }

    @Test func `is refused if a byte of it is another, or it is cut short`() throws {
        let row = StoredDocument.order(id, of: buyer, version: 1)
        let stored = row.sealed(document)
        for position in stored.indices {
            for byte in UInt8.min...UInt8.max where byte != stored[position] {
                var damaged = stored
                damaged[position] = byte
                #expect(throws: StorageFailure.self) { try row.opened(damaged) }
            }
        }
        for length in stored.indices where length != document.count {
            #expect(throws: StorageFailure.self, "\(length)") { try row.opened(Array(stored[..<length])) }
        }
        // Without its checksum it is what an earlier version wrote.
        #expect(try row.opened(document) == document)
    }

    @Test func `of an earlier version is opened if it is JSON`() throws {
        let order = try Fixture.orders()[0]
        let template = try BuyerOrder.document(of: JSONText(order.encoded), id: id).template
        #expect(try StoredDocument.order(id, of: buyer, version: 1).opened(template) == template)
        #expect(throws: StorageFailure.damagedDocument("customer 7 of store store_A")) {
            try StoredDocument.customer(buyer, version: 1).opened(template)
        }
    }
}
