import HTTPServing
import JSON
import OrderServices
import Orders

extension OrderRoutes {
    static var schemas: [(name: String, schema: JSON)] { answerSchemas + bodySchemas + linkSchemas }

    private static let linkSchemas: [(name: String, schema: JSON)] = [
        ("MerchantOrderLink", OrderLink.schema(withLooks: true)), ("MerchantOrderLinkChange", OrderLinkChange.schema),
        ("ChangedOrderLink", OrderLink.schema(withLooks: false)),
    ]

    private static let statuses = JSON.array(OrderStatus.allCases.map { .string($0.rawValue) })
    /// Those that can be set by hand.
    private static let settable = JSON.array(OrderStatus.allCases.filter { $0 != .shippedRTS }.map { .string($0.rawValue) })
    private static let paymentStatuses = JSON.array(PaymentStatus.allCases.map { .string($0.rawValue) })
    private static let links: [(String, JSON)] = [("public_order_url", .optionalText), ("payment_url", .optionalText)]
    private static let names: [(String, JSON)] = [
        ("id", ["type": "string", "format": "uuid"]), ("order_id", ["type": ["string", "number", "null"]]),
    ]

    private static func list(of element: JSON) -> JSON { ["type": "array", "items": element] }

    private static var answerSchemas: [(name: String, schema: JSON)] {
        let transition: JSON = [
            "type": ["object", "null"],
            "properties": ["from": ["type": ["string", "null"]], "to": ["type": ["string", "null"]]],
        ]
        let booleans = ["is_digital_product_present", "is_lms_product_present", "is_physical_product_present"].map {
            ($0, ["type": "boolean"] as JSON)
        }
        let event = JSON.closedObject(
            "An event.",
            [
                ("position", ["type": "integer"]), ("order_id", ["type": "string", "format": "uuid"]),
                ("number", ["type": "integer"]), ("event", ["type": "string"]), ("version", ["type": "integer"]),
                ("status", transition), ("payment_status", transition), ("actor", ["type": "string"]),
                ("at", ["type": "string", "format": "date-time"]),
            ])
        return [
            (
                "MerchantOrder",
                .openObject(
                    "An order as its merchant sent it.",
                    names + [("status", ["enum": statuses]), ("payment_status", .optionalText)] + links,
                    required: ["id", "status"]
                )
            ),
            (
                "MerchantOrderPage",
                .pageSchema(
                    "A page of a list.",
                    of: .openObject("An order, without lines and histories.", [("id", ["type": "string", "format": "uuid"])]),
                    most: PageRequest.sizes.upperBound)
            ),
            (
                "MerchantOrderActions",
                .closedObject(
                    "What an order has, and where it may move.",
                    names + booleans + links + [
                        ("allowed_statuses", list(of: ["enum": statuses])),
                        ("allowed_payment_statuses", list(of: ["enum": paymentStatuses])),
                    ])
            ),
            (
                "OrderEventList",
                .closedObject("Events of an order.", [("data", list(of: event)), ("has_next", ["type": "boolean"])])
            ),
            (
                "ChangedOrders",
                .listSchema(
                    "The orders as they are now.",
                    of: .closedObject(
                        "An order.", names + [("status", ["enum": statuses]), ("payment_status", .optionalText)] + links))
            ),
            ("DeletedOrders", .listSchema("The ids of the deleted orders.", of: ["type": "string", "format": "uuid"])),
            (
                "ShipmentReceipt",
                .closedObject("The receipt of an order.", names + [("shipment_receipt", .optionalText)] + links)
            ),
            ("PaymentInformation", .openObject("What the payment provider said, as it was stored.", [])),
        ]
    }

    private static var bodySchemas: [(name: String, schema: JSON)] {
        let described = { (fields: [OrderField]) in fields.map { ($0.name, $0.schema) } }
        let lines: (String, JSON) = (
            "orderlines",
            [
                "type": "array", "maxItems": .number(String(OrderField.maximumLines)),
                "items": .strictObject(
                    "A line.", described(OrderField.ofLine), required: ["product_name", "variant_price", "quantity"]),
            ]
        )
        let ids: (String, JSON) = (
            "ids",
            [
                "type": "array", "minItems": 1, "maxItems": .number(String(MerchantOrders.maximumBulk)),
                "items": ["type": ["string", "integer"]],
            ]
        )
        let time: JSON = ["type": "string", "format": "date-time"]
        return [
            (
                "NewMerchantOrder",
                .strictObject(
                    "A new order. Amounts that are left out of the totals are worked out; those that are given have to add up.",
                    [("store_unique_id", .text), ("order_id", ["type": ["string", "null"], "maxLength": 100])]
                        + described(OrderField.all) + [lines], required: ["store_unique_id", "customer_name"])
            ),
            (
                "MerchantOrderUpdate",
                .strictObject(
                    "What changes of an order.", described(OrderField.all.filter { !$0.isForNewOnly }) + [lines], required: [])
            ),
            (
                "StatusChange",
                .strictObject(
                    "Orders, and the status, the payment status or both that they get.",
                    [
                        ids, ("status", ["enum": settable]), ("payment_status", ["enum": paymentStatuses]), ("by", .optionalText),
                    ] + described(fieldsOfMove), required: ["ids"])
            ),
            ("OrderDeletion", .strictObject("Orders.", [ids])),
            ("ShipmentUpdate", .strictObject("What changes of a shipment.", described(shipmentFields), required: [])),
            ("ShipmentReceiptUpdate", .strictObject("The tracking number; null for none.", described([receiptField]))),
            (
                "ShipmentStatus",
                .strictObject(
                    "Where a parcel is.", [("status", ["enum": settable]), ("description", .text), ("timestamp", time)])
            ),
            ("OrderDuplication", .strictObject("What the new order has of its own.", described(duplicateFields), required: [])),
            ("OrderCustomerUpdate", .strictObject("A customer of the store.", [("customer_id", ["type": "integer"])])),
            (
                "OrderTagsUpdate",
                .strictObject(
                    "All tags of the order.",
                    [("tags", ["type": "array", "maxItems": 50, "items": ["type": "string", "minLength": 1, "maxLength": 100]])])
            ),
        ]
    }
}
