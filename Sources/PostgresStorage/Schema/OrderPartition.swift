import Orders

/// The partition of the order tables that contains an order: the month of its id (UUIDv7), in UTC.
///
/// Months run from January 2000 to December 2099. Earlier and later ids have one partition each, so that every id has exactly one
/// partition and ids with unusual times do not create thousands.
enum OrderPartition: Hashable, Sendable, Comparable {
    case before2000
    /// The number of months since January 2000.
    case month(Int)
    case from2100

    private static let firstYear = 2000
    private static let lastMonth = 100 * 12 - 1

    /// The partition of an order.
    init(of id: OrderID) {
        self.init(milliseconds: Int64(id.uuid.high >> 16))
    }

    /// The partitions of some orders.
    static func all(of ids: [OrderID]) -> Set<OrderPartition> { Set(ids.map { OrderPartition(of: $0) }) }

    /// The partition of orders created at the given time.
    init(at time: Timestamp) {
        self.init(milliseconds: time.milliseconds)
    }

    /// - Parameter milliseconds: milliseconds since 1970.
    private init(milliseconds: Int64) {
        guard milliseconds >= Self.milliseconds(atStartOf: 0) else {
            self = .before2000
            return
        }
        guard milliseconds < Self.milliseconds(atStartOf: Self.lastMonth + 1) else {
            self = .from2100
            return
        }
        // No month is longer than 31 days, so this is the right month or an earlier one.
        var month = Int((milliseconds - Self.milliseconds(atStartOf: 0)) / (31 * 86_400_000))
        while Self.milliseconds(atStartOf: month + 1) <= milliseconds { month += 1 }
        self = .month(month)
    }

    /// The partition after this one.
    var next: OrderPartition {
        switch self {
        case .before2000: .month(0)
        case .month(let month): month == Self.lastMonth ? .from2100 : .month(month + 1)
        case .from2100: .from2100
        }
    }

    /// The suffix of the names of the partition's tables.
    var suffix: String {
        switch self {
        case .before2000: "before_2000"
        case .month(let month):
            "\(Self.firstYear + month / 12)_\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)"
        case .from2100: "from_2100"
        }
    }

    /// Parses the suffix of a partition table's name.
    init?(suffix: some StringProtocol) {
        switch suffix {
        case "before_2000": self = .before2000
        case "from_2100": self = .from2100
        default:
            let parts = suffix.split(separator: "_")
            guard parts.count == 2, let year = Int(parts[0]), let month = Int(parts[1]) else { return nil }
            let partition = OrderPartition.month((year - Self.firstYear) * 12 + month - 1)
            guard partition.suffix == suffix else { return nil }
            self = partition
        }
    }

    /// The range of ids in this partition, including the lower bound and excluding the upper one.
    var bounds: (lower: String, upper: String) {
        switch self {
        case .before2000: ("MINVALUE", Self.bound(0))
        case .month(let month): (Self.bound(month), Self.bound(month + 1))
        case .from2100: (Self.bound(Self.lastMonth + 1), "MAXVALUE")
        }
    }

    private static func bound(_ month: Int) -> String {
        "'\(UUIDBytes(high: UInt64(milliseconds(atStartOf: month)) << 16, low: 0))'"
    }

    /// The milliseconds from 1970 to the start of a month.
    private static func milliseconds(atStartOf month: Int) -> Int64 {
        let days = Timestamp.daysSince1970(year: Int64(firstYear + month / 12), month: Int64(month % 12 + 1), day: 1)
        return days * 86_400_000
    }
}
