import HTTPServing
import JSON
import OrderServices
import Orders

extension OrderRoutes {
    private static let itemPath = "/v3/orders/{id}"
    private static let id = Parameter("id", in: .path, "The order's UUIDv7, or the integer id it had before it was migrated.")
    private static let tag = BusinessAPI.tags[0].name

    static let get = Operation(
        .get, itemPath, "getOrder", tag: tag, "Get an order", "Everything that is stored of it. Scope order:read.",
        parameters: [id], answers: [.init(200, "The order", "MerchantOrder")], errors: [404], isConditional: true)

    static let actions = Operation(
        .get, itemPath + "/actions", "getOrderActions", tag: tag, "Ask what can be done with an order", "Scope order:read.",
        parameters: [id], answers: [.init(200, "What it has, and where it may move", "MerchantOrderActions")], errors: [404])

    static let events = Operation(
        .get, itemPath + "/events", "listOrderEvents", tag: tag, "List what happened to an order",
        "Oldest first, 100 at once. Scope order:read.",
        parameters: [
            id, Parameter("after", in: .query, "The number of an event: asks for those after it.", ["type": "integer"]),
        ],
        answers: [.init(200, "Events", "OrderEventList")], errors: [400, 404])

    static let changeStatus = Operation(
        .post, "/v3/orders/change-status", "changeOrderStatus", tag: tag, "Move orders to another status",
        "All of up to \(MerchantOrders.maximumBulk), or none. Each gets the status's time and an entry in its history. Scope order:change_status.",
        parameters: [
            Parameter("If-Match", in: .header, "The ETag of the only order: nothing is changed if somebody has changed it since.")
        ],
        body: "StatusChange", answers: [.init(200, "The orders as they are now", "ChangedOrders")], errors: [409, 412])

    private static let textsOfMove = [
        "by", "payment_account_holder", "payment_account_number", "payment_method", "transferproof_url", "rtsproof_url",
        "transfer_time",
    ]

    static let changeStatusFields = ["ids", "status", "payment_status", "financial_entity_id"] + textsOfMove

    static var schemas: [(name: String, schema: JSON)] {
        let statuses = JSON.array(OrderStatus.allCases.map { .string($0.rawValue) })
        let paymentStatuses = JSON.array(PaymentStatus.allCases.map { .string($0.rawValue) })
        let transition: JSON = [
            "type": ["object", "null"],
            "properties": ["from": ["type": ["string", "null"]], "to": ["type": ["string", "null"]]],
        ]
        let links: [(String, JSON)] = [("public_order_url", .optionalText), ("payment_url", .optionalText)]
        let names: [(String, JSON)] = [
            ("id", ["type": "string", "format": "uuid"]), ("order_id", ["type": ["string", "number", "null"]]),
        ]
        let settable = JSON.array(OrderStatus.allCases.filter { $0 != .shippedRTS }.map { .string($0.rawValue) })
        return [
            (
                "MerchantOrder",
                .openObject(
                    "An order as its merchant sent it.",
                    names + [
                        ("status", ["enum": statuses]),
                        ("payment_status", .optionalText),
                    ] + links, required: ["id", "status"])
            ),
            (
                "MerchantOrderActions",
                .closedObject(
                    "What an order has, and where it may move.",
                    names
                        + ["is_digital_product_present", "is_lms_product_present", "is_physical_product_present"].map {
                            ($0, ["type": "boolean"])
                        } + links + [
                            ("allowed_statuses", ["type": "array", "items": ["enum": statuses]]),
                            ("allowed_payment_statuses", ["type": "array", "items": ["enum": paymentStatuses]]),
                        ])
            ),
            (
                "OrderEventList",
                .closedObject(
                    "Events of an order.",
                    [
                        (
                            "data",
                            [
                                "type": "array",
                                "items": .closedObject(
                                    "An event.",
                                    [
                                        ("position", ["type": "integer"]), ("order_id", ["type": "string", "format": "uuid"]),
                                        ("number", ["type": "integer"]), ("event", ["type": "string"]),
                                        ("version", ["type": "integer"]), ("status", transition), ("payment_status", transition),
                                        ("actor", ["type": "string"]), ("at", ["type": "string", "format": "date-time"]),
                                    ]),
                            ]
                        ), ("has_next", ["type": "boolean"]),
                    ])
            ),
            (
                "StatusChange",
                .openObject(
                    "Orders, and the status, the payment status or both that they get.",
                    [
                        (
                            "ids",
                            [
                                "type": "array", "minItems": 1, "maxItems": .number(String(MerchantOrders.maximumBulk)),
                                "items": ["type": ["string", "integer"]],
                            ]
                        ), ("status", ["enum": settable]), ("payment_status", ["enum": paymentStatuses]),
                        ("financial_entity_id", ["type": ["integer", "null"]]),
                    ] + textsOfMove.map { ($0, JSON.optionalText) }, required: ["ids"])
            ),
            (
                "ChangedOrders",
                .closedObject(
                    "The orders as they are now.",
                    [
                        (
                            "data",
                            [
                                "type": "array",
                                "items": .closedObject(
                                    "An order.",
                                    names + [("status", ["enum": statuses]), ("payment_status", .optionalText)] + links),
                            ]
                        ), ("is_paginated", ["const": false]),
                    ])
            ),
        ]
    }
}
