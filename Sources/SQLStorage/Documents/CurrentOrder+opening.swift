package import Orders

extension CurrentOrder {
    /// Opens the document of a merchant's order.
    /// - Throws: ``StorageFailure/damagedDocument(_:)``.
    package init(
        _ id: OrderID, in storeID: StoreID, version: Int64, document: consuming [UInt8]
    ) throws(StorageFailure) {
        self.init(id: id, version: version, document: try StoredDocument.merchantOrder(id, in: storeID).opened(document))
    }
}

extension StoredMerchantOrder {
    /// Opens the documents of an order as far as they are intact.
    package init(
        _ id: OrderID, of buyer: Buyer, version: Int64, merchantOrder: consuming [UInt8], document: consuming [UInt8]
    ) {
        let row = StoredDocument.order(id, of: buyer, version: version)
        // One without a checksum is to get one.
        let template = row.isSealed(document) ? try? row.opened(document) : nil
        self.init(
            id: id, order: try? CurrentOrder(id, in: buyer.storeID, version: version, document: merchantOrder),
            document: template.map { OrderDocument(template: $0) })
    }
}
