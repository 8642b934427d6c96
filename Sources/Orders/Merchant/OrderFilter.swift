/// Which orders a merchant's list has. An order has to meet everything that is given.
package struct OrderFilter: Hashable, Sendable {
    /// A part of an order that is searched for.
    package enum Field: String, CaseIterable, Sendable {
        case number = "order_id"
        case shipmentReceipt = "shipment_receipt"
        case externalID = "external_id"
        case paymentReference = "pg_reference_id"
        case grossRevenue = "gross_revenue"
        case customerName = "customer_name"
        case customerEmail = "customer_email"
        case customerPhone = "customer_phone"
    }

    /// A time of an order that is filtered by.
    package enum Time: String, CaseIterable, Sendable {
        case confirmed, shipped, completed
    }

    /// From a time on, and until a time; both included.
    package struct Span: Hashable, Sendable {
        package var since: Timestamp?
        package var until: Timestamp?

        package init(since: Timestamp? = nil, until: Timestamp? = nil) {
            self.since = since
            self.until = until
        }
    }

    /// Only orders of these customers; `nil` for all.
    package var customers: Set<CustomerID>?
    package var status: OrderStatus?
    package var paymentStatus: PaymentStatus?
    /// Whether `paid` includes `settled`.
    package var countsSettledAsPaid = false
    package var paymentMethod: String?
    package var excludedPaymentMethods: Set<String> = []
    /// The orders with exactly this number.
    package var number: String?
    package var externalID: String?
    /// What the field begins with, in small or capital letters; an amount as a whole.
    package var search: (field: Field, text: String)? {
        get { searchField.map { ($0, searchText) } }
        set { (searchField, searchText) = (newValue?.field, newValue?.text ?? "") }
    }
    private var searchField: Field?
    private var searchText = ""
    package var spans: [Time: Span] = [:]
    /// When the orders were created.
    package var created = Span()

    package init() {}
}

/// A page of a merchant's list.
package struct MerchantPage: Equatable, Sendable {
    /// Newest first.
    package let ids: [OrderID]
    /// Whether there are older orders than those on the page.
    package let hasNext: Bool
    /// Whether there are newer orders than those on the page.
    package let hasPrevious: Bool

    package init(ids: [OrderID], hasNext: Bool, hasPrevious: Bool) {
        self.ids = ids
        self.hasNext = hasNext
        self.hasPrevious = hasPrevious
    }
}
