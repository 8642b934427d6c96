package import JSON

extension MirroredOrder {
    /// The order's id as the other side gave it; `nil` if it has given none.
    package var name: OrderName? {
        switch fields["id"] {
        case .string(let text)?: OrderReference(text).map { OrderName($0) }
        case .number(let digits)?: LegacyOrderID(digits).map { .legacy($0) }
        default: nil
        }
    }

    /// The id of an order that is made: the other side's, or one of the time at which the order was created.
    package func newID(at time: Timestamp, using generator: inout some RandomNumberGenerator) -> OrderID {
        if case .id(let id)? = name { return id }
        let created = fields["created_at"].flatMap { if case .string(let text) = $0 { Timestamp(text) } else { nil } }
        return OrderID(mintedAt: created ?? time, using: &generator) ?? OrderID(
            mintedAt: Timestamp(seconds: 0), using: &generator)!
    }

    /// Notes that the order was deleted here.
    package mutating func delete(at time: Timestamp) { deletedAt = deletedAt.map { max($0, time) } ?? time }

    /// Notes that the other side does not have the order any more.
    package mutating func noteMissing(at time: Timestamp) { delete(at: completedAt.map { max($0, time) } ?? time) }

    /// The fields of an order that differ from what is known: those that were changed here.
    package func changes(in order: JSON) -> JSON {
        guard case .object(let object) = order else { return order }
        let changed = object.members.filter { name, value in
            name == "id" || name == "order_id" || fields[name] != value
        }
        return .object(JSONObject(changed.map { ($0.name, $0.value) }))
    }
}
