package import Orders

extension StoredOrder {
    /// Opens the documents of a buyer's order.
    /// - Throws: ``StorageFailure/damagedDocument(_:)``.
    package convenience init(
        _ id: OrderID, of buyer: Buyer, version: OrderVersion, document: consuming [UInt8], store: consuming [UInt8],
        customer: consuming [UInt8]
    ) throws(StorageFailure) {
        self.init(
            version: version,
            document: OrderDocument(template: try StoredDocument.order(id, of: buyer, version: version.order).opened(document)),
            store: try StoredDocument.store(buyer.storeID, version: version.store).opened(store),
            customer: try StoredDocument.customer(buyer, version: version.customer).opened(customer))
    }
}
