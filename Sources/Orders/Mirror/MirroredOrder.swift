package import JSON

/// What is known of an order that lives on Scalev. The same events end in the same order, whatever the order of their arrival and
/// however often each one comes.
///
/// It is a state-based CRDT: of each top-level field the newest value counts, by the order's `last_updated_at`; the status
/// history is a set that only grows; a deletion is a time that only grows.
///
/// For an order that was stored before its first event, ``merge(full:lastUpdatedAt:)`` the stored one first: so its lines and its
/// customer are known however they change.
package struct MirroredOrder: Equatable, Sendable {
    /// Of the top-level fields of a merchant's order, those that have a value of their own.
    var fields = MirroredFields()
    /// What webhooks don't tell: the newest `orderlines` with ids, and each customer that was given as such
    /// (``customerName(_:)``).
    var details = MirroredFields()
    var history = MirroredHistory()
    /// The `last_updated_at` of the newest event with a whole order; `nil` if none has come.
    var completedAt: Timestamp?
    /// The `last_updated_at` of the newest deletion; `nil` if there is none.
    var deletedAt: Timestamp?

    /// The maximum nesting of an order; the stored form, which adds a few levels, can then be read again.
    static let maximumDepth = JSON.maximumDepth - 8

    /// Nothing is known yet.
    package init() {}

    /// Whether a whole order has come, so that there is an order to make: a part waits for it.
    package var isComplete: Bool { completedAt != nil }

    /// Whether the order was deleted and no whole order has come that is newer.
    package var isDeleted: Bool {
        guard let deletedAt else { return false }
        return completedAt.map { deletedAt >= $0 } ?? true
    }

    /// Takes what an event says, except what newer events have said. Events of other orders must not be merged.
    ///
    /// In an event with a part of an order, `null` and `""` say nothing: `transferproof_url` was seen as `""` and `business` as
    /// `{}` there, so an empty value may mean that it was not loaded. If a field was really emptied, the next whole order says
    /// so; a value emptied by mistake, such as the payment instructions, might never come again. In a whole order they count.
    package mutating func merge(_ event: ScalevEvent) {
        if event.kind == .deleted { deletedAt = Self.later(deletedAt, event.lastUpdatedAt) }
        if event.kind.isComplete { completedAt = Self.later(completedAt, event.lastUpdatedAt) }
        history.insert(statusOf: event.data)
        write(event.data, MirrorStamp(event), isWhole: event.kind.isComplete)
    }

    /// Takes a whole merchant's order, except what is newer. At the same time it counts as newer than any event.
    ///
    /// One that is nested deeper than ``maximumDepth`` levels, or is not an object, is left out.
    /// - Parameter lastUpdatedAt: counts instead of the order's own.
    package mutating func merge(full order: JSON, lastUpdatedAt: Timestamp) {
        guard case .object = order, !order.isNested(deeperThan: Self.maximumDepth) else { return }
        completedAt = Self.later(completedAt, lastUpdatedAt)
        let stamp = MirrorStamp(time: lastUpdatedAt, rank: .read)
        write(order, stamp, isWhole: true)
        if let business = order["business"] { fields.write(business, to: "business", stamp) }
        if let lines = order["orderlines"], !lines.isAbsent { details.write(lines, to: "orderlines", stamp) }
    }

    private static func later(_ time: Timestamp?, _ other: Timestamp) -> Timestamp { time.map { max($0, other) } ?? other }

    /// Parts of the envelope; the store and the business, which webhooks name without ids (`business: {}`); and what is not kept
    /// as it came.
    private static let excluded: Set = [
        "event", "unique_id", "timestamp", "data", "store", "business", "id", "order_id", "last_updated_at", "customer",
        "customer_id", "status_history",
    ]

    /// No order is without these, so that no value says nothing.
    private static let lasting: Set = ["secret_slug", "status", "created_at"]

    private mutating func write(_ order: JSON, _ stamp: MirrorStamp, isWhole: Bool) {
        guard case .object(let object) = order else { return }
        for (name, value) in object.members where name.utf8.allSatisfy({ $0 < 0x80 }) && !Self.excluded.contains(name) {
            if value.isAbsent, !isWhole || Self.lasting.contains(name) { continue }
            fields.write(value, to: name, stamp)
        }
        fields.write(.string(stamp.time.description), to: "last_updated_at", stamp)
        switch order.orderReference {
        case .id(let id)?: fields.write(.string(id.description), to: "id", stamp)
        case .legacy(let id)?: fields.write(.number(String(id.number)), to: "id", stamp)
        case nil: break
        }
        if let number = order["order_id"]?.textOrDigits { fields.write(.string(number), to: "order_id", stamp) }
        history.formUnion(order["status_history"])
        writeCustomer(of: order, stamp)
    }

    private mutating func writeCustomer(of order: JSON, _ stamp: MirrorStamp) {
        let given = order["customer"]?["id"]?.textOrDigits.flatMap { Int64($0) }
        if let given, let customer = order["customer"] { details.write(customer, to: Self.customerName(given), stamp) }
        guard let id = order["customer_id"]?.textOrDigits.flatMap({ Int64($0) }) ?? given else { return }
        fields.write(.number(String(id)), to: "customer_id", stamp)
    }

    /// The name in ``details`` of a customer.
    static func customerName(_ id: Int64) -> String { "customer \(id)" }
}
