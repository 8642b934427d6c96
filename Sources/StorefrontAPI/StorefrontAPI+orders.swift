import HTTPServing
import HTTPTypes
import Hummingbird
import OrderServices
import Orders

extension StorefrontAPI {
    /// `GET .../customers/me/orders/{id}`: the buyer's own order.
    func getOrder(_ buyer: Buyer, _ request: Request, _ context: ServingContext) async throws -> Response {
        guard let reference = context.pathParameter("id").flatMap({ OrderReference($0) }) else { throw Failure.orderNotFound }
        let known = IfNoneMatch(request.headers[.ifNoneMatch])
        return Response(try await orders.order(reference, of: buyer, isKnown: known?.isKnown))
    }

    /// `GET .../customers/me/orders`: a page of the buyer's own orders.
    func listOrders(_ buyer: Buyer, _ request: Request, _ context: ServingContext) async throws -> Response {
        // The router takes an order's address whose id is empty for that of the list.
        guard !request.uri.path.hasSuffix("/") else { throw Failure.orderNotFound }
        let page = try PageRequest(request.uri.queryParameters)
        let known = IfNoneMatch(request.headers[.ifNoneMatch])
        return Response(try await orders.page(page, of: buyer, isKnown: known?.isKnown))
    }
}

extension IfNoneMatch {
    /// Whether the client has the bytes of a tag.
    var isKnown: @Sendable (EntityTag) -> Bool { { contains($0.text) } }
}

extension Answer {
    /// What tells of it: a buyer's own data, kept by the buyer's browser alone, and asked for again each time.
    /// - Parameter isDirect: whether nothing else adds what ``CrossOrigin`` adds on the ordinary way.
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
