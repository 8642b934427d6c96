import HTTPTypes
import HummingbirdCore
package import JSON
package import Orders

/// A message of a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
package struct ServerSentEvent: Sendable {
    package let bytes: [UInt8]

    /// - Parameters:
    ///   - id: what the client sends as `Last-Event-ID` when it comes back.
    ///   - name: of the event, without line breaks.
    package init(id: Int64, _ name: String, _ data: JSON) { self.init(id: id, name, json: data.encoded) }

    /// - Parameter data: encoded JSON, which has no line breaks.
    package init(id: Int64, _ name: String, json data: [UInt8]) {
        bytes = Array("id: \(id)\nevent: \(name)\ndata: ".utf8) + data + Array("\n\n".utf8)
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// A comment, which keeps the connection alive.
    package static let heartbeat = ServerSentEvent(bytes: Array(":\n\n".utf8))
}

extension ServerSentEvent {
    /// The header with which a listener comes back.
    package static let lastIDParameter = Parameter(
        "Last-Event-ID", in: .header, "The id of the last event that you have seen: what has happened since comes first.",
        ["type": "string", "pattern": "^[0-9]{1,18}$"])

    /// The position that an id is; `nil` if it is none.
    package static func position(_ id: String) -> Int64? {
        guard id.utf8.count <= 18, id.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int64(id)
    }
}

extension Call {
    /// The position of the last event that the caller has seen; `nil` if they come for the first time.
    /// - Throws: ``Failure/invalidParameter(_:_:)``.
    package func lastEventID() throws(Failure) -> Int64? {
        guard let text = request.headers[.lastEventID], !text.isEmpty else { return nil }
        guard let position = ServerSentEvent.position(text) else {
            throw .invalidParameter("last_event_id", "must be the id of an event of this stream")
        }
        return position
    }
}

extension HTTPField.Name {
    fileprivate static let lastEventID = HTTPField.Name("Last-Event-ID")!
}
