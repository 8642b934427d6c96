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
