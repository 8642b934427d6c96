import HTTPServing
import Hummingbird
import JSON
import OrderServices
import Orders

/// How a buyer pays an order, where its parcel is, and the secret link of it.
struct OrderFollowUpRoutes: Sendable {
    let payments: BuyerPayments
    let parcels: BuyerParcels
    let links: OrderLinks
    let access: StorefrontAccess

    func add(to routes: inout Routes) {
        routes.add(Self.payment, access.customer, payment)
        routes.add(Self.tracking, access.customer, tracking)
        routes.add(Self.changeLink, access.customer, changeLink)
        routes.add(schema: PaymentInstructions.schema, named: "PaymentInstructions")
        routes.add(schema: Tracking.schema, named: "Tracking")
        routes.add(schema: OrderLinkChange.schema, named: "OrderLinkChange")
        routes.add(schema: OrderLink.schema(withLooks: false), named: "OrderLink")
    }

    private static let payment = Operation(
        .get, StorefrontOrders.orderPath + "/payment", "getCustomerOrderPayment", tag: "Orders",
        "Get how to pay one of your orders",
        "What to pay, by when, where and how, in one shape for every payment method.", parameters: [StorefrontOrders.id],
        answers: [.init(200, "How to pay it", "PaymentInstructions")], errors: [404], isCrossOrigin: true)

    private static let tracking = Operation(
        .get, StorefrontOrders.orderPath + "/tracking", "getCustomerOrderTracking", tag: "Orders",
        "Get where the parcel of one of your orders is",
        "The courier's page, the checkpoints in one vocabulary beside the courier's own words, and an estimate if enough parcels of the store have gone the same way.",
        parameters: [StorefrontOrders.id], answers: [.init(200, "Where it is", "Tracking")], errors: [404], isCrossOrigin: true)

    private static let changeLink = Operation(
        .post, StorefrontOrders.orderPath + "/link", "changeCustomerOrderLink", tag: "Orders",
        "Replace or end the secret link of one of your orders",
        "rotate gives it a new secret, revoke ends it now, expires_at at a time (null: never). What it was leads nowhere at once.",
        parameters: [StorefrontOrders.id], body: "OrderLinkChange", answers: [.init(200, "The link", "OrderLink")], errors: [404],
        isCrossOrigin: true)

    private func payment(_ buyer: Buyer, _ call: Call) async throws -> Response {
        Response(uncached: try await payments.instructions(for: try call.orderReference(), of: buyer).json)
    }

    private func tracking(_ buyer: Buyer, _ call: Call) async throws -> Response {
        Response(uncached: try await parcels.tracking(of: try call.orderReference(), for: buyer))
    }

    private func changeLink(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let change = try OrderLinkChange(try await call.jsonObject())
        let order = try await links.change(
            OrderName(try call.orderReference()), change, of: buyer, for: MerchantRequest(in: buyer.storeID, by: .buyer))
        return Response(uncached: order.link(after: change).json(withLooks: false))
    }
}
