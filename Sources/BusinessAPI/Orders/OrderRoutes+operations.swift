import HTTPServing
import JSON
import OrderServices
import Orders

extension OrderRoutes {
    private static let listPath = "/v3/orders"
    static let itemPath = "/v3/orders/{id}"
    static let id = Parameter(
        "id", in: .path, "The order's UUIDv7, its order_id, or the integer id it had before it was migrated.")
    static let tag = BusinessAPI.tags[0].name
    /// Large enough for as many lines as an order may have.
    private static let bodyLimit = 1 << 20

    /// A route that writes orders: it takes a condition, and a key by which it is recognized if it is repeated.
    static func writing(
        _ method: Operation.Method, _ path: String, _ id: String, _ scope: String, _ summary: String, _ description: String,
        body: String?, answer: Operation.Answer, errors: Set<Int> = [404]
    ) -> Operation {
        Operation(
            method, path, id, tag: tag, summary, "\(description) Scope \(scope).",
            parameters: (path.contains("{id}") ? [Self.id] : []) + [OrderRequest.condition, IdempotencyKey.parameter], body: body,
            bodyLimit: bodyLimit, answers: [answer], errors: errors.union(IdempotencyKey.errors).union([409, 412]))
    }

    private static let order = Operation.Answer(200, "The order as it is now", "MerchantOrder")

    static let list = Operation(
        .get, listPath, "listOrders", tag: tag, "List orders, newest first",
        "A page of the store's orders, without lines and histories. Filters can be combined. Scope order:list.",
        parameters: listParameters, answers: [.init(200, "A page of orders", "MerchantOrderPage")], errors: [400])

    static let create = writing(
        .post, listPath, "createOrder", "order:create", "Create an order",
        "Its lines come with name, price and quantity. What is left out of its totals is worked out; what is given has to add up. The customer is found by address or, if none is given, by phone number, or else made.",
        body: "NewMerchantOrder", answer: .init(200, "The new order", "MerchantOrder"), errors: [])

    static let get = Operation(
        .get, itemPath, "getOrder", tag: tag, "Get an order", "Everything that is stored of it. Scope order:read.",
        parameters: [id], answers: [.init(200, "The order", "MerchantOrder")], errors: [404], isConditional: true)

    static let update = writing(
        .patch, itemPath, "updateOrder", "order:update", "Change an order",
        "What is left out stays. If lines or amounts change, the totals are worked out again.", body: "MerchantOrderUpdate",
        answer: order)

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

    static let changeStatus = writing(
        .post, listPath + "/change-status", "changeOrderStatus", "order:change_status", "Move orders to another status",
        "All of up to \(MerchantOrders.maximumBulk), or none. Each gets the status's time and an entry in its history.",
        body: "StatusChange", answer: .init(200, "The orders as they are now", "ChangedOrders"), errors: [])

    static let delete = writing(
        .post, listPath + "/delete", "deleteOrders", "order:delete", "Delete orders",
        "All of up to \(MerchantOrders.maximumBulk), or none. Their buyers don't see them any more, at once.",
        body: "OrderDeletion",
        answer: .init(200, "The ids of the deleted orders", "DeletedOrders"), errors: [])

    static let shipment = writing(
        .patch, itemPath + "/shipment", "updateOrderShipment", "order:update", "Change an order's shipment",
        "What is left out stays.", body: "ShipmentUpdate", answer: order)

    static let shipmentReceipt = writing(
        .patch, itemPath + "/shipment-receipt", "updateOrderShipmentReceipt", "order:update", "Set an order's tracking number",
        "The buyer sees it at once.", body: "ShipmentReceiptUpdate", answer: .init(200, "The receipt", "ShipmentReceipt"))

    static let shipmentStatus = writing(
        .post, itemPath + "/shipment-status-history", "addOrderShipmentStatus", "order:update", "Say where a parcel is",
        "The newest entry is the order's shipment_status. The order itself does not move.", body: "ShipmentStatus", answer: order)

    static let payment = Operation(
        .post, itemPath + "/payment", "getOrderPayment", tag: tag, "Get what an order is paid with",
        "The stored pg_payment_info; {} if there is none. Scope order:update.", parameters: [id],
        answers: [.init(200, "What the payment provider said", "PaymentInformation")], errors: [404])

    static let duplicate = writing(
        .post, itemPath + "/duplicate", "duplicateOrder", "order:create", "Create an order like another one",
        "For its customer as they are now. The other one is canceled.", body: "OrderDuplication",
        answer: .init(200, "The new order", "MerchantOrder"))

    static let customer = writing(
        .patch, itemPath + "/customer", "updateOrderCustomer", "order:update", "Give an order to another customer",
        "Who had it does not see it any more.", body: "OrderCustomerUpdate", answer: order)

    static let link = Operation(
        .get, itemPath + "/link", "getOrderLink", tag: tag, "Get an order's secret link",
        "With how often the order was looked at by it: the latest hours, when and not by whom. Scope order:read.",
        parameters: [id], answers: [.init(200, "The link", "MerchantOrderLink")], errors: [404])

    static let changeLink = writing(
        .post, itemPath + "/link", "changeOrderLink", "order:update", "Replace or end an order's secret link",
        "rotate gives it a new secret, revoke ends it now, expires_at at a time (null: never). What it was leads nowhere at once.",
        body: "MerchantOrderLinkChange", answer: .init(200, "The link", "ChangedOrderLink"))

    static let tags = writing(
        .post, itemPath + "/update-tags", "updateOrderTags", "order:update", "Replace an order's tags", "Buyers never see them.",
        body: "OrderTagsUpdate", answer: order)
}
