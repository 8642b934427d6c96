package import JSON
package import Orders

/// An order as its merchant sees it: everything that was sent, with the ids and links of this service.
package struct MerchantOrderView: Sendable {
    package let id: OrderID
    /// Changes with every change of what is in it.
    package let tag: EntityTag
    package let json: JSON

    init(id: OrderID, version: Int64, _ order: JSON, publicURL: PublicURL?) {
        self.id = id
        tag = EntityTag(merchantVersion: version, publicURL: publicURL)
        var fields: [(name: String, value: JSON)] = [("id", .string(id.description))]
        if case .string(let slug)? = order["secret_slug"], let publicURL {
            // As the buyer's order has them.
            for (name, suffix) in [("public_order_url", ""), ("payment_url", "/success")] {
                if case .string(let own)? = order[name], WebURL(own) != nil { continue }
                fields.append((name, .string(publicURL.link(toOrder: slug) + suffix)))
            }
        }
        json = order.replacing(fields)
    }
}
