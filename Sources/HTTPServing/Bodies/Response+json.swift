package import HTTPTypes
package import Hummingbird
package import JSON

extension Response {
    /// An answer with JSON that is already encoded.
    package init(json: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: json)))
    }

    /// An answer with JSON for the caller only, not for any cache.
    package init(uncached json: JSON, status: HTTPResponse.Status = .ok) {
        self.init(json: json.encoded, status: status)
        headers[.cacheControl] = "no-store"
    }

    /// Success, without a body.
    package static var noContent: Response { Response(status: .noContent, headers: [.cacheControl: "no-store"]) }
}
