import HTTPServing
import Hummingbird
import HummingbirdCore
import JSON
import OrderServices
import Orders

extension BuyerOrderFilter {
    /// Parses the filter in a query; an empty parameter counts as none.
    /// - Throws: ``Failure/invalidParameter(_:_:)``.
    init(_ query: FlatDictionary<Substring, Substring>) throws(Failure) {
        self.init()
        status = try query.word("status")
        paymentStatus = try query.word("payment_status")
        created = OrderFilter.Span(
            since: try query.time("created_since"), until: try query.time("created_until")?.endOfWholeSecond)
        search = query.text("search")
        if let search, search.unicodeScalars.count > 100 {
            throw .invalidParameter("search", "must have at most 100 characters")
        }
    }

    static let parameters: [Parameter] = [
        Parameter(
            "status", in: .query, "Only orders in this status.",
            ["enum": .array(OrderStatus.allCases.map { .string($0.rawValue) })]),
        Parameter(
            "payment_status", in: .query, "Only orders in this payment status.",
            ["enum": .array(PaymentStatus.allCases.map { .string($0.rawValue) })]),
        Parameter(
            "created_since", in: .query, "Only orders that were created then or later.",
            ["type": "string", "format": "date-time"]),
        Parameter(
            "created_until", in: .query, "Only orders that were created then or earlier.",
            ["type": "string", "format": "date-time"]),
        Parameter(
            "search", in: .query, "Only orders whose number, or the name of a product of which, has this in it.",
            ["type": "string", "maxLength": 100]),
    ]
}

extension Timestamp {
    /// The last microsecond of a whole second; any other time as it is. An order's id has the milliseconds that its `created_at` may leave out.
    fileprivate var endOfWholeSecond: Timestamp {
        microseconds.isMultiple(of: 1_000_000) ? Timestamp(microseconds: microseconds + 999_999) : self
    }
}
