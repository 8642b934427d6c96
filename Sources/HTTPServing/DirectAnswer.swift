package import Orders

/// An answer that is given past the router: 200, 304 where it has no body, or 503 where the storage failed.
package struct DirectAnswer: Sendable {
    /// Answers a GET or HEAD without a body, or has nothing to say about it.
    ///
    /// Returns whether it took the request. Then it calls `receive` once: before it returns or later, on whatever thread, with the answer
    /// or with `nil` where the request has to take the ordinary way after all.
    package typealias Handler =
        @Sendable (_ request: DirectRequest, _ receive: @escaping @Sendable (DirectAnswer?) -> Void) -> Bool

    let fields: HeaderLines
    let body: [UInt8]?
    /// The template of the address, for the log.
    let route: String?
    private let isUnavailable: Bool
    /// Why there is no other answer than 503; that is for the operator alone.
    let failure: StorageFailure?

    /// The answer that the service can't answer at the moment (``Failure/unavailable``).
    /// - Parameters:
    ///   - failure: what the log says of it.
    ///   - fields: header fields beside those that every such answer has.
    package init(_ failure: StorageFailure?, route: String?, fields: HeaderLines = HeaderLines()) {
        isUnavailable = true
        self.failure = failure
        self.route = route
        body = Failure.unavailable.body
        var fields = fields
        fields.append("Content-Type", "application/json")
        fields.append("Cache-Control", "no-store")
        fields.append("Retry-After", "1")
        self.fields = fields
    }

    var status: Int { isUnavailable ? 503 : body == nil ? 304 : 200 }

    var statusLine: StaticString {
        switch status {
        case 503: "HTTP/1.1 503 Service Unavailable\r\n"
        case 304: "HTTP/1.1 304 Not Modified\r\n"
        default: "HTTP/1.1 200 OK\r\n"
        }
    }

    /// - Parameter fields: the header fields less those that every answer has.
    package init(fields: HeaderLines, body: [UInt8]?, route: String) {
        self.fields = fields
        self.body = body
        self.route = route
        isUnavailable = false
        failure = nil
    }
}
