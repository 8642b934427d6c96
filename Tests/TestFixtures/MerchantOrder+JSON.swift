package import JSON
package import Orders

extension MerchantOrder {
    /// The order in a JSON value.
    package init(_ json: JSON) throws { try self.init(JSONText(json.encoded)) }
}

extension MerchantStore {
    /// The store in a JSON value.
    package init(_ json: JSON) throws { try self.init(JSONText(json.encoded)) }
}

extension OrderChange {
    /// The change that makes an order the one that a JSON value is.
    package convenience init(_ json: JSON, id: OrderID, before: Before = .older) throws {
        let text = try JSONText(json.encoded)
        self.init(
            id: id, before: before, after: try MerchantOrder(text), document: try BuyerOrder.document(of: text, id: id),
            by: .importer)
    }
}
