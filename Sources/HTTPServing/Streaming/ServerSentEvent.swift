package import JSON

/// A message of a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
package struct ServerSentEvent: Sendable {
    package let bytes: [UInt8]

    /// - Parameters:
    ///   - id: what the client sends as `Last-Event-ID` when it comes back.
    ///   - name: of the event, without line breaks.
    package init(id: Int64, _ name: String, _ data: JSON) {
        // Encoded JSON has no line breaks.
        bytes = Array("id: \(id)\nevent: \(name)\ndata: ".utf8) + data.encoded + Array("\n\n".utf8)
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// A comment, which keeps the connection alive.
    package static let heartbeat = ServerSentEvent(bytes: Array(":\n\n".utf8))
}
