package import JSON
import Orders

extension JSON {
    /// The first difference from the expected value, including the order of names; an expected id of `null` matches any generated
    /// id.
    package func firstDifference(to expected: JSON, at path: String = "$") -> String? {
        switch (self, expected) {
        case (.object(let left), .object(let right)):
            guard left.members.map(\.name) == right.members.map(\.name) else { return "\(path) has other names or another order" }
            return zip(left.members, right.members).lazy.compactMap { left, right -> String? in
                if left.name == "id", right.value == .null, left.value != .null { return nil }
                return left.value.firstDifference(to: right.value, at: "\(path).\(left.name)")
            }.first
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return "\(path) has \(left.count) elements, not \(right.count)" }
            return zip(left, right).enumerated().lazy.compactMap { index, pair -> String? in
                pair.0.firstDifference(to: pair.1, at: "\(path)[\(index)]")
            }.first
        default: return self == expected ? nil : "\(path) is \(self), not \(expected)"
        }
    }
}
