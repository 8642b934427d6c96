package import JSON

/// The buyer's view of a store: the `store` of every order.
package enum BuyerStore {
    static let fields: Fields = [
        Field("name", .text),
        Field("logo", .url),
        Field("unique_id", .requiredText),
        Field("payment_accounts", .list(of: paymentAccountFields)),
        Field("days_of_payment_processing", .integer),
        Field("is_auto_expire", .boolean),
        Field("auto_expire_days", .integer),
        Field("is_show_whatsapp", .boolean),
        Field("is_show_download_invoice", .boolean),
    ]

    private static let paymentAccountFields: Fields = [
        Field("id", .requiredInteger),
        Field("unique_id", .text),
        Field("method", .text),
        Field("account_holder", .text),
        Field("account_number", .text),
        Field("financial_entity", .object(financialEntityFields)),
    ]

    private static let financialEntityFields: Fields = [
        Field("id", .requiredInteger),
        Field("code", .text),
        Field("entity_type", .text),
        Field("name", .text),
        Field("platform", .text),
        Field("duitku_code", .text),
        Field("xendit_code", .text),
    ]

    /// Follows the JSON of a store whose buyers see the payment status `settled` as `paid` (`buyer_sees_settled_as_paid`). Like the marks of an
    /// ``OrderDocument`` it is a byte that JSON never contains.
    static let settledAsPaid: UInt8 = 0x07

    /// The JSON of a stored store (``MerchantStore/document``).
    package static func json(_ stored: [UInt8]) -> [UInt8] {
        stored.last == settledAsPaid ? Array(stored.dropLast()) : stored
    }

    /// The store's part of the response, as JSON.
    /// - Throws: the ``Refusal`` of the first field that is missing or invalid.
    package static func document(of store: JSONView) throws(Refusal) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        try fields.write(store, orderID: nil, to: &writer)
        return writer.bytes
    }
}
