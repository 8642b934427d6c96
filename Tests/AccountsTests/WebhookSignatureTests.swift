import Accounts
import Orders
import Testing

@Suite struct `The signatures of webhooks` {
    /// The example that the libraries of Standard Webhooks are tested with.
    @Test func `are those of Standard Webhooks, one for each secret, and Scalev's`() throws {
        let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let other = WebhookSecret()
        let body = Array(#"{"test": 2432232314}"#.utf8)
        let headers = WebhookSignature.headers(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: body, secrets: [secret, other], at: Timestamp(seconds: 1_614_265_330))
        let values = Dictionary(uniqueKeysWithValues: headers.map { ($0.name, $0.value) })
        #expect(values["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek" && values["webhook-timestamp"] == "1614265330")
        let signatures = try #require(values["webhook-signature"]).split(separator: " ")
        #expect(signatures.count == 2 && signatures[0] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(WebhookSignature.isValid(values["X-Scalev-Hmac-Sha256"], of: body, secret: secret.text))
        #expect(!WebhookSignature.isValid(values["X-Scalev-Hmac-Sha256"], of: body, secret: other.text))
    }
}
