import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import Orders

/// The header `Idempotency-Key`, with which a caller says that a request is the same as an earlier one.
struct IdempotencyKey: Sendable {
    let key: RequestKey
    /// Of the method, the address, the condition and the body.
    let digest: [UInt8]

    /// For how long an answer is remembered, in seconds.
    private static let lifetime: Int64 = 24 * 3600
    private static let maximumLength = 255

    static let parameter = Parameter(
        "Idempotency-Key", in: .header,
        "1 to \(maximumLength) characters of your choice: the same request with the same key within a day writes once, and gets the same answer.",
        ["type": "string", "pattern": "^[!-~]+$", "maxLength": .number(String(maximumLength))])

    /// The statuses of the errors of a route that takes it.
    static let errors: Set = [400, 413, 422]

    /// `nil` if the request has none.
    /// - Throws: ``Failure`` if it can't be one.
    init?(of request: Request, with body: [UInt8], in storeID: StoreID) throws(Failure) {
        let values = request.headers[values: .idempotencyKey]
        guard let text = values.first else { return nil }
        guard values.count == 1, (1...Self.maximumLength).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Failure(
                .unreadable, "invalid_idempotency_key",
                "Idempotency-Key must be one of 1 to \(Self.maximumLength) visible ASCII characters")
        }
        key = RequestKey(storeID: storeID, text: text)
        digest = RequestDigest.of(
            [request.method.rawValue, request.uri.description, request.headers[.ifMatch] ?? ""], body: body)
    }

    func remember(_ answer: WrittenAnswer, at time: Timestamp) -> RememberedAnswer {
        answer.remembered(as: key, digest: digest, until: time.adding(seconds: Self.lifetime))
    }

    /// The answer to give again.
    /// - Throws: ``Failure`` if it is that to another request.
    func answer(_ remembered: RememberedAnswer) throws(Failure) -> Response {
        guard remembered.digest == digest else {
            throw Failure(
                .contradiction, "idempotency_key_reused",
                "This Idempotency-Key was used for another request: use a new one for each request")
        }
        return Response(WrittenAnswer(remembered))
    }
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
}
