package import JSON

/// Why a merchant's order, store or customer can't be imported: the field and what is wrong with it.
///
/// Both are safe to show; the value itself is never repeated, because it may be personal data.
package struct Refusal: Error, Equatable, CustomStringConvertible {
    /// The path of the field, for example `orderlines[2].quantity`; empty if the text as a whole is refused.
    package let field: String
    /// The reason, for example `is not a whole number`.
    package let reason: String

    package init(_ field: String, _ reason: String) {
        self.field = field
        self.reason = reason
    }

    /// The same refusal with its path prefixed by the parent's.
    func within(_ parent: String) -> Refusal {
        Refusal(field.isEmpty ? parent : field.hasPrefix("[") ? parent + field : "\(parent).\(field)", reason)
    }

    package var description: String { field.isEmpty ? reason : "\(field) \(reason)" }
}

extension JSONText {
    /// Reads the JSON of a merchant.
    /// - Throws: the ``Refusal`` of what is not JSON.
    package static func read(_ bytes: [UInt8]) throws(Refusal) -> JSONText {
        do throws(JSONSyntaxError) { return try JSONText(bytes) } catch {
            throw Refusal("", "is not JSON: \(error.reason), at byte \(error.offset)")
        }
    }
}

extension JSONText {
    /// Whether this is an order, by the fields that no store has.
    package var looksLikeOrder: Bool { withValue { $0["secret_slug"] != nil || $0["orderlines"] != nil } }

    /// Whether this is a store, by the fields that it has and no order.
    package var looksLikeStore: Bool { withValue { $0["unique_id"] != nil && $0["store"] == nil && $0["secret_slug"] == nil } }
}

extension Refusal {
    /// The file is one of orders.
    package static let orderForStore = Refusal("", "looks like an order: import it with 'pesanan import orders'")

    /// The file is one of stores.
    package static let storeForOrder = Refusal("", "looks like a store: import it with 'pesanan import stores'")
}
