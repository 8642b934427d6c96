package import JSON

/// How the other side of a mirror names an order.
package struct MirroredOrderName: Hashable, Sendable {
    /// Its `order_id`, by which everything that is said of it is collected: at most 255 bytes, without control characters.
    package let number: String
    /// Its `id`, as text; `nil` if it has none.
    package let reference: String?

    package init(number: String, reference: String?) {
        self.number = number
        self.reference = reference
    }

    /// - Parameter path: what stands before the names of fields in reasons, for example `data.`.
    /// - Throws: ``Refusal`` if it has no usable number.
    package init(_ order: JSON, in path: String = "") throws(Refusal) {
        guard let number = try Self.number(order, in: path) else { throw Refusal(path + "order_id", "is required") }
        self.number = number
        reference = order.orderReference.map { OrderName($0).text }
    }

    /// `nil` if it has none.
    static func number(_ order: JSON, in path: String) throws(Refusal) -> String? {
        let number = order["order_id"]?.textOrDigits
        if let number,
            number.utf8.count > 255 || number.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        {
            throw Refusal(path + "order_id", "is longer than 255 bytes or holds a control character")
        }
        return number
    }
}
