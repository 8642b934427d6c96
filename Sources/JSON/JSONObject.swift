/// The members of a JSON object in the order in which they came.
package struct JSONObject: Sendable {
    package private(set) var members: [(name: String, value: JSON)]

    package init() { members = [] }

    /// The given members. Of two with the same name the first counts.
    package init(_ members: [(String, JSON)]) {
        self.members = []
        self.members.reserveCapacity(members.count)
        for (name, value) in members { append(name, value) }
    }

    /// Members whose names are known to differ.
    init(distinct members: [(name: String, value: JSON)]) { self.members = members }

    package subscript(name: String) -> JSON? { position(of: name).map { members[$0].value } }

    /// Adds a member at the end and returns true, or leaves the object as it is and returns false where the name is taken.
    @discardableResult
    package mutating func append(_ name: String, _ value: JSON) -> Bool {
        guard position(of: name) == nil else { return false }
        members.append((name, value))
        return true
    }

    /// Names are the same where their bytes are: two that Unicode holds for the same are two names in JSON (RFC 8259, section 8.3).
    private func position(of name: String) -> Int? {
        members.firstIndex { $0.name.utf8.count == name.utf8.count && $0.name.utf8.elementsEqual(name.utf8) }
    }
}

extension JSONObject: Equatable {
    /// Equal where both have the same names with the same values, in any order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }
}
