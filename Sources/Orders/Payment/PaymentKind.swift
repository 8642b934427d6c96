/// How a buyer pays with a method.
package enum PaymentKind: String, CaseIterable, Sendable {
    /// To one of the store's accounts, with a proof of the transfer.
    case bankTransfer = "bank_transfer"
    case virtualAccount = "virtual_account"
    case qr
    /// With a code, in a shop.
    case retail
    /// On a page of the payment provider or in its app.
    case link
    case onDelivery = "on_delivery"
    /// On the marketplace where the order was made.
    case marketplace
    /// Not at all.
    case none
    /// A method that is not known here: it is carried, and the merchant says how to pay.
    case other

    /// The methods of `api.md`. Every other `va` is a virtual account too.
    private static let kinds: [String: PaymentKind] = [
        "bank_transfer": .bankTransfer, "cod": .onDelivery, "qris": .qr, "card": .link, "invoice": .link, "payment_link": .link,
        "alfamart": .retail, "indomaret": .retail, "ovo": .link, "dana": .link, "shopeepay": .link, "linkaja": .link,
        "gopay": .link,
        "no_payment": .none, "marketplace": .marketplace, "va": .virtualAccount,
    ]

    package init(of method: String) {
        self = Self.kinds[method] ?? (method.hasPrefix("va_") ? .virtualAccount : .other)
    }

    /// Whether nobody waits for the payment for ever.
    var expires: Bool {
        switch self {
        case .bankTransfer, .virtualAccount, .qr, .retail, .link, .other: true
        case .onDelivery, .marketplace, .none: false
        }
    }
}
