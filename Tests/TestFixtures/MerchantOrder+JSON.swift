package import JSON
package import Orders

extension MerchantOrder {
    /// The order that a JSON value is.
    package init(_ json: JSON) throws { try self.init(JSONText(json.encoded)) }
}

extension MerchantStore {
    /// The store that a JSON value is.
    package init(_ json: JSON) throws { try self.init(JSONText(json.encoded)) }
}

extension OrderWrite {
    /// The order that a JSON value is, ready to be written.
    package convenience init(_ json: JSON, id: OrderID) throws {
        let text = try JSONText(json.encoded)
        self.init(id: id, order: try MerchantOrder(text), document: try BuyerOrder.document(of: text, id: id))
    }
}
