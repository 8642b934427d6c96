/// The members of a JSON object in their original order.
package struct JSONObject: Sendable {
    package private(set) var members: [(name: String, value: JSON)]

    package init() { members = [] }

    /// Creates an object of the given members. If a name occurs twice, the first member counts.
    package init(_ members: [(String, JSON)]) {
        self.members = []
        self.members.reserveCapacity(members.count)
        for (name, value) in members { append(name, value) }
    }

    /// Creates an object of members whose names are known to be distinct.
    init(distinct members: [(name: String, value: JSON)]) { self.members = members }

    package subscript(name: String) -> JSON? { position(of: name).map { members[$0].value } }

    /// Appends a member and returns `true`; if the name is taken, leaves the object unchanged and returns `false`.
    @discardableResult
    package mutating func append(_ name: String, _ value: JSON) -> Bool {
        guard position(of: name) == nil else { return false }
        members.append((name, value))
        return true
    }

    /// Names are compared by their bytes: names that Unicode considers equivalent are different in JSON (RFC 8259, section 8.3).
    private func position(of name: String) -> Int? {
        members.firstIndex { $0.name.utf8.count == name.utf8.count && $0.name.utf8.elementsEqual(name.utf8) }
    }
}

extension JSONObject: Equatable {
    /// Two objects are equal if they have the same names with the same values, in any order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }
}
