import HTTPServing
import JSON
import OrderServices

extension StoreRoutes {
    private static let path = "/v3/stores/{store_id}"
    private static let keysPath = path + "/public-api-keys"
    private static let originsPath = path + "/storefront/allowed-origins"
    private static let tag = BusinessAPI.tags[1].name
    private static let store = Parameter(
        "store_id", in: .path, "The store's unique_id or integer id; it has to be the key's store.")
    private static let id = Parameter("id", in: .path, "The entry's id.", ["type": "string", "format": "uuid"])

    /// Of the routes that write.
    private static let errors = IdempotencyKey.errors.union([404])

    static let get = Operation(
        .get, path, "getStore", tag: tag, "Get the store", "Everything that is stored of it. Scope store:read.",
        parameters: [store],
        answers: [.init(200, "The store", "MerchantStore")], errors: [404])

    static let update = Operation(
        .patch, path, "updateStore", tag: tag, "Change the store",
        "What is left out stays; payment_accounts are replaced as a whole. Buyers see it at once. Scope store:update.",
        parameters: [store, IdempotencyKey.parameter], body: "MerchantStoreUpdate",
        answers: [.init(200, "The store as it is now", "MerchantStore")], errors: errors)

    static let listKeys = Operation(
        .get, keysPath, "listStorefrontKeys", tag: tag, "List the storefront keys",
        "Also those that were revoked. Scope store:read.",
        parameters: [store], answers: [.init(200, "Keys", "StorefrontKeyList")], errors: [404])

    static let addKey = Operation(
        .post, keysPath, "addStorefrontKey", tag: tag, "Create a storefront key", "For the store's pages. Scope store:update.",
        parameters: [store, IdempotencyKey.parameter], answers: [.init(200, "The key", "StorefrontKey")], errors: errors)

    static let revokeKey = Operation(
        .delete, keysPath + "/{id}", "revokeStorefrontKey", tag: tag, "Revoke a storefront key",
        "On every server within a second. Scope store:update.",
        parameters: [store, id, IdempotencyKey.parameter], answers: [.init(204, "Done")], errors: errors)

    static let listOrigins = Operation(
        .get, originsPath, "listAllowedOrigins", tag: tag, "List the origins whose pages may call", "Scope store:read.",
        parameters: [store], answers: [.init(200, "Origins", "AllowedOriginList")], errors: [404])

    static let addOrigin = Operation(
        .post, originsPath, "addAllowedOrigin", tag: tag, "Allow calls from the pages of an origin", "Scope store:update.",
        parameters: [store, IdempotencyKey.parameter], body: "NewAllowedOrigin",
        answers: [.init(200, "The origin", "AllowedOrigin")], errors: errors)

    static let revokeOrigin = Operation(
        .delete, originsPath + "/{id}", "revokeAllowedOrigin", tag: tag, "Allow no more calls from the pages of an origin",
        "On every server within a second. Scope store:update.",
        parameters: [store, id, IdempotencyKey.parameter], answers: [.init(204, "Done")], errors: errors)

    /// What a merchant's system changes of a store.
    static let fields: [OrderField] = [
        OrderField("name", .text(maximum: 200)), OrderField("logo", .url), OrderField("days_of_payment_processing", .integer),
        OrderField("is_auto_expire", .flag), OrderField("auto_expire_days", .integer), OrderField("is_show_whatsapp", .flag),
        OrderField("is_show_download_invoice", .flag), OrderField("is_customer_otp_required", .flag),
        OrderField("buyer_sees_settled_as_paid", .flag),
    ]
    static let ranges: [(String, ClosedRange<Int64>)] = [
        ("auto_expire_days", 1...3650), ("days_of_payment_processing", 0...3650),
    ]
    static let accountFields: [OrderField] = [
        OrderField("id", .integer), OrderField("unique_id", .text(maximum: 100)), OrderField("method", .text(maximum: 50)),
        OrderField("account_holder", .text(maximum: 200)), OrderField("account_number", .text(maximum: 100)),
    ]
    static let entityFields: [OrderField] = [
        OrderField("id", .integer), OrderField("code", .text(maximum: 50)), OrderField("entity_type", .text(maximum: 50)),
        OrderField("name", .text(maximum: 200)), OrderField("platform", .text(maximum: 50)),
        OrderField("duitku_code", .text(maximum: 50)), OrderField("xendit_code", .text(maximum: 50)),
    ]
    static let maximumAccounts = 50

    static var schemas: [(name: String, schema: JSON)] {
        let described = { (fields: [OrderField]) in fields.map { ($0.name, $0.schema) } }
        let time: JSON = ["type": "string", "format": "date-time"]
        func entry(_ description: String, _ name: String) -> JSON {
            .closedObject(
                description,
                [
                    ("id", ["type": "string", "format": "uuid"]), (name, .text), ("status", ["enum": ["active", "revoked"]]),
                    ("store_id", ["type": ["integer", "null"]]), ("created_by", ["type": "null"]), ("inserted_at", time),
                    ("updated_at", time),
                ])
        }
        let entity = JSON.strictObject("A bank or a wallet.", described(entityFields), required: ["id"])
        let account = JSON.strictObject(
            "An account to pay to. One without an id gets one.", described(accountFields) + [("financial_entity", entity)],
            required: [])
        return [
            (
                "MerchantStore",
                .openObject(
                    "A store as its merchant sent it.", [("unique_id", .text), ("name", .optionalText)], required: ["unique_id"])
            ),
            (
                "MerchantStoreUpdate",
                .strictObject(
                    "What changes of a store.",
                    described(fields) + [
                        ("payment_accounts", ["type": "array", "maxItems": .number(String(maximumAccounts)), "items": account])
                    ], required: [])
            ),
            ("StorefrontKey", entry("A key for a store's pages.", "token")),
            ("StorefrontKeyList", .listSchema("A store's keys.", of: .reference("schemas", "StorefrontKey"))),
            ("AllowedOrigin", entry("An origin whose pages may call.", "origin")),
            ("AllowedOriginList", .listSchema("A store's origins.", of: .reference("schemas", "AllowedOrigin"))),
            (
                "NewAllowedOrigin",
                .strictObject("An origin: scheme, host and, unless it is the default, port.", [("origin", .text)])
            ),
        ]
    }
}
