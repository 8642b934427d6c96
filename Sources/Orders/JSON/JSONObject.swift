import Foundation

/// The members of a JSON object in the order in which they came, found by name without comparing many names.
package struct JSONObject: Sendable {
    package private(set) var members: [(name: String, value: JSON)] = []
    /// A hash of each member's name: to look through these, one after the other, is faster than any table for the hundred or so members
    /// that an order has.
    private var hashes: [UInt32] = []

    package init() {}

    /// The given members; of two with the same name the first counts.
    package init(_ members: [(String, JSON)]) {
        for (name, value) in members { append(name, value) }
    }

    package subscript(name: String) -> JSON? { self[Name(name)] }

    subscript(name: Name) -> JSON? {
        position(of: name.text, name.hash).map { members[$0].value }
    }

    /// A name that is looked up in many objects.
    struct Name: Sendable {
        let text: String
        fileprivate let hash: UInt32

        init(_ text: String) {
            self.text = text
            hash = JSONObject.hash(of: text)
        }
    }

    /// Adds a member at the end and returns true, or leaves the object as it is and returns false where the name is taken.
    @discardableResult
    package mutating func append(_ name: String, _ value: JSON) -> Bool {
        let hash = Self.hash(of: name)
        guard position(of: name, hash) == nil else { return false }
        members.append((name, value))
        hashes.append(hash)
        return true
    }

    /// Names are the same where their bytes are: two that Unicode holds for the same are two names in JSON (RFC 8259, section 8.3).
    private func position(of name: String, _ hash: UInt32) -> Int? {
        hashes.withUnsafeBufferPointer { hashes in
            for position in hashes.indices where hashes[position] == hash {
                if members[position].name.hasSameBytes(as: name) { return position }
            }
            return nil
        }
    }

    /// FNV-1a. Names that are made to share one hash are compared each with each; there are no more than ``JSON/maximumMembers`` of them.
    private static func hash(of name: String) -> UInt32 {
        var name = name
        return name.withUTF8 { $0.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 } }
    }
}

extension String {
    fileprivate func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count, !isEmpty else { return utf8.count == other.utf8.count }
        let isSame = utf8.withContiguousStorageIfAvailable { bytes in
            other.utf8.withContiguousStorageIfAvailable { memcmp(bytes.baseAddress!, $0.baseAddress!, bytes.count) == 0 }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}

extension JSONObject: Equatable {
    /// Equal where both have the same names with the same values, in any order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }
}
