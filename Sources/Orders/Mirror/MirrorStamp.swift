/// Which of two values of a field is newer. Stamps are totally ordered, so that the same events have the same winner in any
/// order.
struct MirrorStamp: Hashable, Sendable {
    /// Ranks of what was last updated at the same time.
    enum Rank: Int, Sendable {
        /// An order is created before anything else happens to it.
        case created
        case changed
        /// The whole order, read from the other side: that is later than the event which told of it.
        case read
    }

    /// The order's `last_updated_at`.
    let time: Timestamp
    let rank: Rank
    /// Microseconds since 1970 of the envelope's `timestamp`, 0 if unknown. It is finer than a `last_updated_at` in whole
    /// seconds, during which an order may change twice.
    let sent: Int64
    /// The event's `unique_id`, which is ASCII; empty if the order was read.
    let event: String

    init(time: Timestamp, rank: Rank, sent: Int64 = 0, event: String = "") {
        self.time = time
        self.rank = rank
        self.sent = sent
        self.event = event
    }

    init(_ event: ScalevEvent) {
        self.init(
            time: event.lastUpdatedAt, rank: [.created, .spamCreated].contains(event.kind) ? .created : .changed,
            sent: event.timestamp?.microseconds ?? 0, event: event.uniqueID)
    }
}

extension MirrorStamp: Comparable {
    static func < (left: MirrorStamp, right: MirrorStamp) -> Bool {
        if left.time != right.time { return left.time < right.time }
        if left.rank != right.rank { return left.rank.rawValue < right.rank.rawValue }
        if left.sent != right.sent { return left.sent < right.sent }
        return left.event.utf8.lexicographicallyPrecedes(right.event.utf8)
    }
}
