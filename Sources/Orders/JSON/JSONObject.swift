/// The members of a JSON object in the order in which they came, found by name without a search.
package struct JSONObject: Sendable {
    package private(set) var members: [(name: String, value: JSON)] = []
    /// Positions by name; empty while there are so few members that looking through them is faster.
    private var positions: [String: Int] = [:]
    private static let fewMembers = 32

    package init() {}

    /// The given members; of two with the same name the first counts.
    package init(_ members: [(String, JSON)]) {
        for (name, value) in members { append(name, value) }
    }

    package subscript(name: String) -> JSON? {
        position(of: name).map { members[$0].value }
    }

    /// Adds a member at the end and returns true, or leaves the object as it is and returns false where the name is taken.
    @discardableResult
    package mutating func append(_ name: String, _ value: JSON) -> Bool {
        if positions.isEmpty {
            guard !members.contains(where: { $0.name == name && $0.name.utf8.elementsEqual(name.utf8) }) else { return false }
            if members.count == Self.fewMembers { indexMembers() }
        }
        if !positions.isEmpty, let known = positions.updateValue(members.count, forKey: name) {
            positions[name] = known
            // Two names that Unicode holds for the same are two names in JSON (RFC 8259, section 8.3).
            if members[known].name.utf8.elementsEqual(name.utf8) { return false }
        }
        members.append((name, value))
        return true
    }

    private mutating func indexMembers() {
        // An order has some 110 members.
        positions.reserveCapacity(128)
        for (position, member) in members.enumerated() { positions[member.name] = position }
    }

    private func position(of name: String) -> Int? {
        positions.isEmpty ? members.firstIndex { $0.name == name } : positions[name]
    }
}

extension JSONObject: Equatable {
    /// Equal where both have the same names with the same values, in any order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }
}
