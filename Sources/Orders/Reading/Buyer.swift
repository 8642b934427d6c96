/// The reader of orders: a customer of a store. Every lookup of an order includes both in its key.
package struct Buyer: Hashable, Sendable {
    package let storeID: StoreID
    package let customerID: CustomerID

    package init(storeID: StoreID, customerID: CustomerID) {
        self.storeID = storeID
        self.customerID = customerID
    }
}
