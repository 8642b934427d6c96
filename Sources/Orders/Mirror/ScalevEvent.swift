package import JSON

/// One event of an order, as Scalev's webhooks deliver it (`surroundings.md`, section 6).
package struct ScalevEvent: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case created = "order.created"
        case updated = "order.updated"
        case deleted = "order.deleted"
        case statusChanged = "order.status_changed"
        case paymentStatusChanged = "order.payment_status_changed"
        case epaymentCreated = "order.epayment_created"
        case spamCreated = "order.spam_created"

        /// Whether such an event carries all that an order is made of; the others carry a part.
        package var isComplete: Bool {
            switch self {
            case .created, .updated, .epaymentCreated, .spamCreated: true
            case .deleted, .statusChanged, .paymentStatusChanged: false
            }
        }
    }

    /// Visible ASCII, at most 255 bytes; the same each time the event is delivered.
    package let uniqueID: String
    package let kind: Kind
    /// When the event was sent, if its envelope says so.
    package let timestamp: Timestamp?
    /// `nil` before June 2026, when `data` had no `id`; then there is an ``orderID``.
    package let reference: OrderReference?
    /// The number that the merchant knows the order by, at most 255 bytes; unlike ``reference`` it is not an id.
    package let orderID: String?
    package let lastUpdatedAt: Timestamp
    /// The order, or a part of it: an object.
    package let data: JSON
}

extension JSON {
    /// The `id` of an order: a UUIDv7, or an integer as a number or as text; `nil` for anything else.
    var orderReference: OrderReference? {
        switch self["id"] {
        case .string(let text)?: OrderReference(text)
        case .number(let digits)?: LegacyOrderID(digits).map { .legacy($0) }
        default: nil
        }
    }

    /// Digits of a number without fraction or exponent, or a text; `nil` for anything else, and if there is no text.
    var textOrDigits: String? {
        switch self {
        case .string(let text) where text != "": text
        case .number(let digits) where digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }): digits
        default: nil
        }
    }

    /// Whether this is `null` or an empty string, which both mean that there is no value (`projection.md`).
    var isAbsent: Bool { self == .null || self == .string("") }

    /// Whether arrays and objects are nested to more levels than that.
    func isNested(deeperThan levels: Int) -> Bool {
        switch self {
        case .array(let elements): levels == 0 || elements.contains { $0.isNested(deeperThan: levels - 1) }
        case .object(let object): levels == 0 || object.members.contains { $0.value.isNested(deeperThan: levels - 1) }
        default: false
        }
    }
}
