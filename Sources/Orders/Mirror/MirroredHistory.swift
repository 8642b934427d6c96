import JSON

/// The statuses that an order has entered, and when: a set that only grows.
struct MirroredHistory: Equatable, Sendable {
    private struct Entry: Hashable {
        let status: OrderStatus
        let time: Timestamp
    }

    /// Who moved the order there; `null` if unknown.
    private var entries: [Entry: JSON] = [:]

    init() {}

    /// Adds an entry. If it is known, the one that names somebody is kept; if both do, the greater one in bytes, so that any
    /// order of arrival keeps the same.
    mutating func insert(_ status: OrderStatus, at time: Timestamp, by: JSON = .null) {
        let entry = Entry(status: status, time: time)
        let by = by.isAbsent ? .null : by
        guard let known = entries[entry], known != .null else {
            entries[entry] = by
            return
        }
        if by != .null, known.encoded.lexicographicallyPrecedes(by.encoded) { entries[entry] = by }
    }

    /// Adds the entry for the status of a part of an order, if that says when the order entered it.
    mutating func insert(statusOf order: JSON) {
        guard let status = order.statuses.status, case .string(let text)? = order["\(status.rawValue)_time"] else { return }
        guard let time = Timestamp(text) else { return }
        insert(status, at: time)
    }

    /// Adds the entries of a merchant's `status_history`; its times may be called `at` or `time` (`projection.md`). What is no
    /// entry is left out: a buyer could not be shown it either.
    mutating func formUnion(_ history: JSON?) {
        guard case .array(let history)? = history else { return }
        for entry in history {
            guard
                let status = entry.statuses.status,
                case .string(let text)? = [entry["at"], entry["time"]].lazy.compactMap({ $0 }).first(where: { !$0.isAbsent }),
                let time = Timestamp(text)
            else { continue }
            insert(status, at: time, by: entry["by"] ?? .null)
        }
    }

    /// The merchant's `status_history`, `[{status, time, by}]`, by time; at the same time, in the order of the statuses.
    var json: JSON {
        let places = Dictionary(uniqueKeysWithValues: OrderStatus.allCases.enumerated().map { ($1, $0) })
        let sorted = entries.sorted {
            ($0.key.time.microseconds, places[$0.key.status]!) < ($1.key.time.microseconds, places[$1.key.status]!)
        }
        return .array(
            sorted.map { entry, by in
                ["status": .string(entry.status.rawValue), "time": .string(entry.time.description), "by": by]
            })
    }
}
