import Accounts
package import Orders

/// A way to send webhooks.
package protocol WebhookTransport: Sendable {
    /// Posts a body, and waits for no longer than ``WebhookAnswer/timeout``. Redirects are not followed.
    /// - Parameters:
    ///   - headers: in addition to `Content-Type`.
    func post(
        _ body: [UInt8], headers: [(name: String, value: String)], to url: String
    ) async -> WebhookAnswer
}

/// What has come back of a webhook that was sent.
package struct WebhookAnswer: Hashable, Sendable {
    /// How long an endpoint may take, in seconds.
    package static let timeout: Int64 = 10

    /// The status; `nil` if there was no answer.
    package let status: Int?
    /// The beginning of the body.
    package let body: String?
    /// For how many seconds the endpoint asks to be left alone (`Retry-After`).
    package let retryAfter: Int64?
    /// Why there was no answer, in words for the merchant.
    package let failure: String?

    package init(status: Int, body: String?, retryAfter: Int64? = nil) {
        (self.status, self.body, self.retryAfter) = (status, body, retryAfter)
        failure =
            switch status {
            case 200..<300: nil
            case 300..<400: "the endpoint answered with a redirect, which is not followed"
            default: "the endpoint answered with status \(status)"
            }
    }

    package init(failure: String) {
        (status, body, retryAfter) = (nil, nil, nil)
        self.failure = failure
    }
}

extension WebhookTransport {
    /// Posts a body with its signatures, by each of the secrets.
    package func post(
        _ body: WebhookBody, signedWith secrets: [WebhookSecret], to url: String, at time: Timestamp
    ) async -> WebhookAnswer {
        await post(
            body.bytes, headers: WebhookSignature.headers(id: body.id, body: body.bytes, secrets: secrets, at: time), to: url)
    }
}
