import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import OrderServices
import Orders

/// A buyer's own orders: a single order, or a page of them.
struct StorefrontOrders: Sendable {
    let orders: BuyerOrders
    let access: StorefrontAccess

    static let orderPath = StorefrontAPI.store + "/customers/me/orders/{id}"

    func add(to routes: inout Routes) {
        routes.add(Self.list, access.customer, list)
        routes.add(Self.get, access.customer, get)
        routes.answerDirectly(answerDirectly)
        routes.add(schema: Self.orderSchema, named: "CustomerOrder")
        routes.add(schema: Self.pageSchema, named: "CustomerOrderPage")
    }

    /// The order in the path.
    static let id = Parameter("id", in: .path, "The order's UUIDv7, or the integer id it had before it was migrated.")

    private static let list = Operation(
        .get, StorefrontAPI.store + "/customers/me/orders", "listCustomerOrders", tag: "Orders", "List your orders, newest first",
        "A page of orders. Follow next_cursor to older ones and previous_cursor to newer ones; both stay valid while new orders come in.",
        parameters: PageRequest.parameters + BuyerOrderFilter.parameters,
        answers: [.init(200, "A page of your orders", "CustomerOrderPage")], isConditional: true, isCrossOrigin: true,
        emptyID: .orderNotFound)

    private static let get = Operation(
        .get, orderPath, "getCustomerOrder", tag: "Orders", "Get one of your orders",
        "Someone else's order, another store's and one that never existed get the same 404.",
        parameters: [id],
        answers: [.init(200, "Your order", "CustomerOrder")], errors: [404], isConditional: true, isCrossOrigin: true)

    private func get(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let reference = try call.orderReference()
        let known = IfNoneMatch(call.request.headers[.ifNoneMatch])
        return Response(try await orders.order(reference, of: buyer, isKnown: known?.isKnown))
    }

    private func list(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let page = try PageRequest(call.request.uri.queryParameters)
        let known = IfNoneMatch(call.request.headers[.ifNoneMatch])
        let filter = try BuyerOrderFilter(call.request.uri.queryParameters)
        return Response(
            filter.isEmpty
                ? try await orders.page(page, of: buyer, isKnown: known?.isKnown)
                : try await orders.page(page, of: buyer, where: filter, isKnown: known?.isKnown))
    }

    private static var orderSchema: JSON {
        guard case .object(let schema) = BuyerOrder.schema else { return BuyerOrder.schema }
        let description: JSON = "An order as its buyer sees it: every field always there, null where unknown, and no other field."
        return .object(JSONObject(schema.members.map { ($0.name, $0.value) } + [("description", description)]))
    }

    private static let pageSchema = JSON.pageSchema(
        "A page of a list.", of: .reference("schemas", "CustomerOrder"), most: PageRequest.sizes.upperBound)
}

extension Call {
    /// The order in the path (``StorefrontOrders/id``).
    /// - Throws: ``Failure/orderNotFound`` if no order has such an id.
    func orderReference() throws(Failure) -> OrderReference {
        guard let reference = pathParameter("id").flatMap({ OrderReference($0) }) else { throw .orderNotFound }
        return reference
    }
}

extension IfNoneMatch {
    /// Whether the client already has the bytes for a tag.
    var isKnown: @Sendable (EntityTag) -> Bool { { contains($0.text) } }
}

extension Answer {
    /// Appends the header fields for a buyer's own data: only the buyer's browser may cache it, and it must revalidate each time.
    /// - Parameter isDirect: whether the answer bypasses the router, so that ``CrossOrigin`` adds nothing to it.
    func appendFields(to fields: inout some HeaderFieldList, isDirect: Bool) {
        if body != nil { fields.append("Content-Type", "application/json") }
        fields.append("ETag", tag.text)
        fields.append("Cache-Control", "private, no-cache")
        fields.append("Vary", isDirect ? "Authorization, Origin" : "Authorization")
    }
}

extension Response {
    fileprivate init(_ answer: Answer) {
        self.init(
            status: answer.body == nil ? .notModified : .ok,
            body: answer.body.map { .init(byteBuffer: ByteBuffer(bytes: $0)) } ?? .init())
        answer.appendFields(to: &headers, isDirect: false)
    }
}
