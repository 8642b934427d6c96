import HTTPServing
import HummingbirdCore
import Orders

extension PageRequest {
    /// Parses `page_size`, `next_cursor` and `previous_cursor`; an empty one counts as none.
    /// - Throws: ``Failure/invalidParameter(_:_:)``.
    init(_ query: FlatDictionary<Substring, Substring>) throws(Failure) {
        var size = Self.sizes.upperBound
        if let text = query["page_size"], !text.isEmpty {
            guard let given = Int(text), text == "\(given)", Self.sizes.contains(given) else {
                throw .invalidParameter(
                    "page_size", "must be a whole number from \(Self.sizes.lowerBound) to \(Self.sizes.upperBound)")
            }
            size = given
        }
        let next = try Self.cursor("next_cursor", query)
        let previous = try Self.cursor("previous_cursor", query)
        switch (next, previous) {
        case (nil, nil): self.init(size: size)
        case (let next?, nil): self.init(size: size, position: .olderThan(next))
        case (nil, let previous?): self.init(size: size, position: .newerThan(previous))
        case (_?, _?):
            throw .invalidParameter("previous_cursor", "can't be given together with next_cursor")
        }
    }

    private static func cursor(
        _ name: Substring, _ query: FlatDictionary<Substring, Substring>
    ) throws(Failure) -> OrderID? {
        guard let text = query[name], !text.isEmpty else { return nil }
        guard let cursor = PageCursor(String(text)) else {
            throw .invalidParameter(String(name), "is not a cursor that a page of this list gave")
        }
        return cursor.id
    }
}
