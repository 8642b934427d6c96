/// Names to look up in objects, all of them in one pass over the members.
package struct NameTable: Sendable {
    private let hashes: [UInt32]
    private let names: ByteTable
    /// A hash table with open addressing, at least twice as large as the number of names. An entry is the position of a name plus
    /// 1, or 0 if it is empty.
    private let places: [Int16]

    /// - Parameter names: at most 16,000 distinct names.
    package init(_ names: [String]) {
        self.names = ByteTable(names.map { Array($0.utf8) })
        hashes = names.map { JSONName.hash(of: $0) }
        var size = 4
        while size < 2 * names.count { size *= 2 }
        var places = [Int16](repeating: 0, count: size)
        for (position, hash) in hashes.enumerated() {
            var place = Int(hash) & (size - 1)
            while places[place] != 0 { place = (place + 1) & (size - 1) }
            places[place] = Int16(position + 1)
        }
        self.places = places
    }

    package var count: Int { hashes.count }

    package subscript(position: Int) -> String { names.withElement(position) { String(decoding: $0, as: UTF8.self) } }

    /// The position of a member's name in this table; `nil` if it is not in it.
    package func position(of name: JSONView) -> Int? {
        var place = Int(name.nameHash) & (places.count - 1)
        while places[place] != 0 {
            let position = Int(places[place]) - 1
            if hashes[position] == name.nameHash, names.withElement(position, { name.hasName($0) }) { return position }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }
}
