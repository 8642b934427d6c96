import HTTPTypes
import Hummingbird
import JSON
import Orders

/// The answer to a request that writes, which is given again if the request is repeated.
struct WrittenAnswer: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: [UInt8]

    /// JSON for the caller only.
    init(_ json: JSON, tag: String? = nil) {
        status = .ok
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        headers[.eTag] = tag
        self.headers = headers
        body = json.encoded
    }

    /// Success, without a body.
    static let noContent = WrittenAnswer(status: .noContent, headers: [.cacheControl: "no-store"], body: [])

    private init(status: HTTPResponse.Status, headers: HTTPFields, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(_ remembered: RememberedAnswer) {
        status = HTTPResponse.Status(code: remembered.status)
        headers = HTTPFields(
            remembered.headers.compactMap { header in
                HTTPField.Name(header.name).map { HTTPField(name: $0, value: header.value) }
            })
        body = remembered.body
    }

    func remembered(as key: RequestKey, digest: [UInt8], until time: Timestamp) -> RememberedAnswer {
        RememberedAnswer(
            key: key, digest: digest, status: status.code,
            headers: headers.map { RememberedAnswer.Header(name: $0.name.canonicalName, value: $0.value) }, body: body,
            expiresAt: time)
    }
}

extension Response {
    init(_ answer: WrittenAnswer) {
        self.init(status: answer.status, headers: answer.headers, body: .init(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
