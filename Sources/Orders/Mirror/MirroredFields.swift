import JSON

/// Named values, of each of which the newest is kept: a map of last-writer-wins registers.
struct MirroredFields: Equatable, Sendable {
    private struct Write: Equatable {
        let stamp: MirrorStamp
        let value: JSON

        /// Whether this one is kept of two. An event that is delivered twice with different contents has one stamp: then the
        /// bytes decide.
        func isNewer(than other: Write) -> Bool {
            if stamp != other.stamp { return stamp > other.stamp }
            return other.value.encoded.lexicographicallyPrecedes(value.encoded)
        }
    }

    /// By names in ASCII: Swift takes others for equal if they only look the same, JSON doesn't.
    private var writes: [String: Write] = [:]

    init() {}

    subscript(name: String) -> JSON? { writes[name]?.value }

    /// All fields, by name.
    var members: [(name: String, value: JSON)] {
        writes.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value.value) }
    }

    /// Takes a value, unless a newer one is known.
    mutating func write(_ value: JSON, to name: String, _ stamp: MirrorStamp) {
        let write = Write(stamp: stamp, value: value)
        if let known = writes[name], !write.isNewer(than: known) { return }
        writes[name] = write
    }
}

extension MirroredFields {
    /// The fields to store, grouped by their stamps, of which an order has few: `[{at, rank, sent, event, fields}]`, times in
    /// microseconds since 1970.
    var json: JSON {
        let groups = Dictionary(grouping: writes) { $0.value.stamp }.sorted { $0.key < $1.key }
        return .array(
            groups.map { stamp, writes in
                [
                    "at": .number(String(stamp.time.microseconds)), "rank": .number(String(stamp.rank.rawValue)),
                    "sent": .number(String(stamp.sent)), "event": .string(stamp.event),
                    "fields": .object(JSONObject(writes.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value) })),
                ]
            })
    }

    /// `nil` unless it is what ``json`` gives.
    init?(_ json: JSON?) {
        guard case .array(let groups)? = json else { return nil }
        for group in groups {
            guard
                let time = group["at"]?.integer, let sent = group["sent"]?.integer,
                let rank = group["rank"]?.integer.flatMap({ MirrorStamp.Rank(rawValue: Int($0)) }),
                case .string(let event)? = group["event"], case .object(let fields)? = group["fields"]
            else { return nil }
            let stamp = MirrorStamp(time: Timestamp(microseconds: time), rank: rank, sent: sent, event: event)
            for (name, value) in fields.members { write(value, to: name, stamp) }
        }
    }
}

extension JSON {
    /// A number without fraction or exponent; `nil` for anything else.
    var integer: Int64? {
        guard case .number(let digits) = self else { return nil }
        return Int64(digits)
    }
}
