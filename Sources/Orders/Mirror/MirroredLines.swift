import JSON

/// Completes the lines of an order from webhooks, which have neither an id nor an item type.
enum MirroredLines {
    /// The lines with the fields that they lack from a line of the same product, and each with an id: that line's, or else its
    /// position, from 1. The buyer's order makes a UUID of an integer.
    /// - Parameter known: lines with ids.
    static func complete(_ lines: JSON, from known: JSON?) -> JSON {
        guard case .array(let lines) = lines else { return lines }
        var rest: [JSON?] = if case .array(let known)? = known { known } else { [] }
        return .array(withIDs(lines.enumerated().map { complete($1, at: $0, from: &rest) }))
    }

    /// - Parameter rest: what no earlier line was completed from; the line of the same product at the same position comes first.
    private static func complete(_ line: JSON, at position: Int, from rest: inout [JSON?]) -> JSON {
        guard case .object(let object) = line, line["id"]?.isAbsent ?? true else { return line }
        let isSamePlace = rest.indices.contains(position) && isSameProduct(rest[position], line)
        guard
            let match = isSamePlace
                ? position
                : rest.count > mostSearched ? nil : rest.firstIndex(where: { isSameProduct($0, line) }), let known = rest[match]
        else { return line }
        rest[match] = nil
        return known.replacing(object.members.filter { !$0.value.isAbsent })
    }

    /// Among more lines, only that at the same position is looked at: a search for each would take the square of their number.
    private static let mostSearched = 1000

    private static func isSameProduct(_ known: JSON?, _ line: JSON) -> Bool {
        guard let known else { return false }
        for name in ["variant_unique_id", "product_name"] {
            guard let left = known[name], let right = line[name], !left.isAbsent, !right.isAbsent else { continue }
            return left == right
        }
        return false
    }

    private static func withIDs(_ lines: [JSON]) -> [JSON] {
        let taken = Set(lines.compactMap { $0["id"]?.textOrDigits })
        return lines.enumerated().map { position, line in
            guard case .object(let object) = line, line["id"]?.isAbsent ?? true else { return line }
            var number = position + 1
            while taken.contains(String(number)) { number += lines.count }
            return .object(JSONObject([("id", .number(String(number)))] + object.members.map { ($0.name, $0.value) }))
        }
    }
}
