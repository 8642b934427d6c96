import Accounts
import HTTPServing
import Hummingbird
import JSON
import OrderServices
import Orders

/// What a merchant thinks of the pictures with which buyers show that they have paid.
struct TransferProofRoutes: Sendable {
    let proofs: TransferProofs
    let orders: MerchantOrders
    let access: BusinessAccess

    func add(to routes: inout Routes) {
        routes.add(Self.get, access.key(with: .readOrders), get)
        routes.add(Self.decide, access.key(with: .updateOrders), decide)
        routes.add(schema: Self.decision, named: "TransferProofDecision")
    }

    private static let path = OrderRoutes.itemPath + "/transfer-proof"

    private static let get = Operation(
        .get, path, "getOrderTransferProof", tag: OrderRoutes.tag, "Get an order's proof of transfer",
        "All is null as long as there is none. Scope order:read.", parameters: [OrderRoutes.id],
        answers: [.init(200, "The proof", "TransferProof")], errors: [404])

    private static let decide = OrderRoutes.writing(
        .patch, path, "decideOrderTransferProof", "order:update", "Accept or reject an order's proof of transfer",
        "The buyer sees it at once, and the reason why it is rejected. The payment status does not change with it. A picture that comes later is received again.",
        body: "TransferProofDecision", answer: .init(200, "The proof as it is now", "TransferProof"))

    private static let decision = JSON.strictObject(
        "What the merchant thinks of a proof. A reason is required if it is rejected, and can't be given otherwise.",
        [
            ("state", ["enum": .array(TransferProof.State.allCases.map { .string($0.rawValue) })]),
            ("reason", ["type": ["string", "null"], "minLength": 1, "maxLength": .number(String(maximumReason))]),
        ], required: ["state"])

    private static let maximumReason = 500

    private func get(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let order = try await orders.order(try call.orderName(), in: key.storeID)
        var response = Response(uncached: TransferProof.json(of: order.json))
        response.headers[.eTag] = order.tag.text
        return response
    }

    private func decide(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await OrderRequest(orders: orders).answer(key, call, Self.answer) { body, request in
            var reader = try body.reader()
            let state = reader.word("state", TransferProof.State.self)
            if !reader.isGiven("state") { reader.refuse("state", "is required") }
            // One paragraph: it stands beside the picture.
            let reason = reader.optionalText("reason", maximum: Self.maximumReason)
            if state == .rejected, reader.isEmpty("reason") { reader.refuse("reason", "is required") }
            if let state, state != .rejected, reader.isGiven("reason") {
                reader.refuse("reason", "can't be given unless it is rejected")
            }
            reader.refuseOthers(than: ["state", "reason"])
            let decided = try reader.finish(state)
            return [try await proofs.decide(decided, reason: reason, on: try call.orderName(), for: request)]
        }
    }

    private static let answer: OrderRequest.Answering = {
        WrittenAnswer(TransferProof.json(of: $0[0].json), tag: $0[0].tag.text)
    }
}
