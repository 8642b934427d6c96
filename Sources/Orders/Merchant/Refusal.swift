/// Why a merchant's order, store or customer can't be taken in: the field and what is wrong with it.
///
/// Both are fit to be shown; the value itself is never repeated, as it may be personal.
package struct Refusal: Error, Equatable, CustomStringConvertible {
    /// The path to the field, for example `orderlines[2].quantity`; empty where it is the text as a whole.
    package let field: String
    /// What is wrong, for example `is not a whole number`.
    package let reason: String

    package init(_ field: String, _ reason: String) {
        self.field = field
        self.reason = reason
    }

    /// The same refusal seen from one level further out.
    func within(_ parent: String) -> Refusal {
        Refusal(field.isEmpty ? parent : field.hasPrefix("[") ? parent + field : "\(parent).\(field)", reason)
    }

    package var description: String { field.isEmpty ? reason : "\(field) \(reason)" }
}
