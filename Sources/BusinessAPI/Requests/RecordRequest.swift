import Accounts
import HTTPServing
import Hummingbird
import OrderServices
import Orders

/// Answers requests that write something beside orders: once, if they are repeated.
struct RecordRequest: Sendable {
    let records: MerchantRecords

    /// - Parameter perform: writes what the body asks for with the records that it is given, and makes the answer.
    func answer(
        _ key: BusinessGrant, _ call: Call,
        _ perform: @escaping @Sendable (RequestBody, MerchantRecords) async throws -> WrittenAnswer
    ) async throws -> Response {
        let body = RequestBody(bytes: try await call.body())
        guard let idempotency = try IdempotencyKey(of: call.request, with: body.bytes, in: key.storeID) else {
            return Response(try await perform(body, records))
        }
        let answer = try await records.once(idempotency.key) { records, time in
            idempotency.remember(try await perform(body, records), at: time)
        }
        return try idempotency.answer(answer)
    }
}
