package import Orders

/// An answer given without the router: 200, 304 if it has no body, 503 if the storage failed, or a stream.
package struct DirectAnswer: Sendable {
    /// Answers a GET or HEAD request without a body, or declines it.
    ///
    /// Returns whether it accepted the request. If so, it calls `receive` once, before it returns or later, on any thread, with
    /// the answer or with `nil` if the request must go through the router after all.
    package typealias Handler =
        @Sendable (_ request: DirectRequest, _ receive: @escaping @Sendable (DirectAnswer?) -> Void) -> Bool

    let fields: HeaderLines
    let body: [UInt8]?
    /// The template of the route, for the log.
    let route: String?
    /// Begins to write the stream, if it is one.
    let stream: (@Sendable (DirectStream) -> Void)?
    private let isUnavailable: Bool
    /// The reason for a 503, for the operator only.
    let failure: StorageFailure?

    /// The answer that the service is temporarily unavailable (``Failure/unavailable``).
    /// - Parameters:
    ///   - failure: the reason for the log.
    ///   - fields: header fields in addition to those of all such answers.
    package init(_ failure: StorageFailure?, route: String?, fields: HeaderLines = HeaderLines()) {
        isUnavailable = true
        stream = nil
        self.failure = failure
        self.route = route
        body = Failure.unavailable.body
        var fields = fields
        fields.append("Content-Type", "application/json")
        fields.append("Cache-Control", "no-store")
        fields.append("Retry-After", "1")
        self.fields = fields
    }

    var status: Int { isUnavailable ? 503 : body == nil && stream == nil ? 304 : 200 }

    var statusLine: StaticString {
        switch status {
        case 503: "HTTP/1.1 503 Service Unavailable\r\n"
        case 304: "HTTP/1.1 304 Not Modified\r\n"
        default: "HTTP/1.1 200 OK\r\n"
        }
    }

    /// - Parameter fields: the header fields without those that all answers have.
    package init(fields: HeaderLines, body: [UInt8]?, route: String) {
        self.fields = fields
        self.body = body
        self.route = route
        stream = nil
        isUnavailable = false
        failure = nil
    }

    /// An answer that goes on.
    /// - Parameter stream: called once, on the event loop of the connection, after the header is written.
    package init(fields: HeaderLines, route: String, stream: @escaping @Sendable (DirectStream) -> Void) {
        self.fields = fields
        self.route = route
        self.stream = stream
        body = nil
        isUnavailable = false
        failure = nil
    }
}
