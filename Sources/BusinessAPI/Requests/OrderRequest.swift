import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import OrderServices
import Orders

/// Answers requests that write orders: with their condition, and once if they are repeated.
struct OrderRequest: Sendable {
    let orders: MerchantOrders

    /// Makes an answer of the orders as they are then.
    typealias Answering = @Sendable ([MerchantOrderView]) -> WrittenAnswer

    static let condition = Parameter(
        "If-Match", in: .header, "The ETag of the only order: nothing is changed if somebody has changed it since.")

    /// - Parameters:
    ///   - answer: the answer with the written orders.
    ///   - perform: writes what the body asks for.
    func answer(
        _ key: BusinessGrant, _ call: Call, _ answer: @escaping Answering,
        _ perform: (RequestBody, MerchantRequest) async throws -> [MerchantOrderView]
    ) async throws -> Response {
        try await self.answer(key, call, reading: { $0 }, { answer($1) }, perform)
    }

    /// The same with an answer that also depends on what the body says.
    /// - Parameter read: reads the body.
    func answer<Input: Sendable>(
        _ key: BusinessGrant, _ call: Call, reading read: (RequestBody) throws -> Input,
        _ answer: @escaping @Sendable (Input, [MerchantOrderView]) -> WrittenAnswer,
        _ perform: (Input, MerchantRequest) async throws -> [MerchantOrderView]
    ) async throws -> Response {
        let body = try await call.body()
        let idempotency = try IdempotencyKey(of: call.request, with: body, in: key.storeID)
        if let idempotency, let earlier = try await orders.answer(to: idempotency.key) { return try idempotency.answer(earlier) }
        // Compared as If-None-Match is, because proxies that compress mark the tag: it stands for a version, whatever the bytes are.
        let expected = IfNoneMatch(call.request.headers[.ifMatch])
        var isExpected: (@Sendable (EntityTag) -> Bool)?
        if let expected { isExpected = { expected.contains($0.text) } }
        let input = try read(RequestBody(bytes: body))
        var remember: (@Sendable ([MerchantOrderView], Timestamp) -> RememberedAnswer)?
        if let idempotency { remember = { idempotency.remember(answer(input, $0), at: $1) } }
        let request = MerchantRequest(in: key.storeID, by: .key(key.id), isExpected: isExpected, answer: remember)
        do {
            return Response(answer(input, try await perform(input, request)))
        } catch is MerchantRequest.AnsweredBefore {
            guard let idempotency, let earlier = try await orders.answer(to: idempotency.key) else { throw Failure.unavailable }
            return try idempotency.answer(earlier)
        }
    }
}

extension WrittenAnswer {
    /// An order, for its merchant only.
    init(_ order: MerchantOrderView) { self.init(order.json, tag: order.tag.text) }
}
