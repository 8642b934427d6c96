package import HummingbirdCore
import JSON
package import Orders

extension PageRequest {
    /// The query's parameters.
    package static let parameters = [
        Parameter(
            "page_size", in: .query, "The maximum number of orders on a page.",
            ["type": "integer", "minimum": 1, "maximum": 25, "default": 25]),
        Parameter("next_cursor", in: .query, "The next_cursor of the page before: asks for older orders."),
        Parameter("previous_cursor", in: .query, "The previous_cursor of the page after: asks for newer orders."),
    ]

    /// Parses `page_size`, `next_cursor` and `previous_cursor`; an empty one counts as none.
    /// - Throws: ``Failure/invalidParameter(_:_:)``.
    package init(_ query: FlatDictionary<Substring, Substring>) throws(Failure) {
        let size = try Self.size(in: query)
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

    /// Parses `page_size` alone.
    /// - Throws: ``Failure/invalidParameter(_:_:)``.
    package static func size(in query: FlatDictionary<Substring, Substring>) throws(Failure) -> Int {
        guard let text = query["page_size"], !text.isEmpty else { return sizes.upperBound }
        guard let size = Int(text), text == "\(size)", sizes.contains(size) else {
            throw .invalidParameter("page_size", "must be a whole number from \(sizes.lowerBound) to \(sizes.upperBound)")
        }
        return size
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
