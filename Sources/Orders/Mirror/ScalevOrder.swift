package import JSON

/// An order as Scalev's API gives it: whole, or in its list without lines and histories (`surroundings.md`, section 5).
package struct ScalevOrder: Equatable, Sendable {
    package let name: MirroredOrderName
    package let lastUpdatedAt: Timestamp
    package let data: JSON

    /// - Throws: ``Refusal`` if it can't be an order.
    package init(_ data: JSON) throws(Refusal) {
        guard case .object = data else { throw Refusal("", "is not an object") }
        guard !data.isNested(deeperThan: MirroredOrder.maximumDepth) else {
            throw Refusal("", "is nested deeper than \(MirroredOrder.maximumDepth) levels")
        }
        name = try MirroredOrderName(data)
        guard name.reference != nil else { throw Refusal("id", "is neither a UUIDv7 nor an integer") }
        guard let time = data.optionalText("last_updated_at").flatMap({ Timestamp($0) }) else {
            throw Refusal("last_updated_at", "is not a time with its offset from UTC (RFC 3339)")
        }
        lastUpdatedAt = time
        self.data = data
    }

    /// When the order was created, if it says so.
    package var createdAt: Timestamp? { data.optionalText("created_at").flatMap { Timestamp($0) } }

    /// Whether the order says that it is another store's: a key of the other side may see several.
    package func isOfOtherStore(than storeID: StoreID) -> Bool {
        data["store"]?.optionalText("unique_id").map { $0 != storeID.text } ?? false
    }
}
