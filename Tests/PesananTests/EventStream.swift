import Foundation
import JSON
import TestServer

/// A stream of events.
final class EventStream {
    struct Event: Equatable {
        let id: String
        let name: String
        let data: JSON

        var tag: String? { data.optionalText("etag") }
    }

    private let connection: RawConnection
    private var received: [Event] = []
    let answer: HTTPAnswer

    init(
        _ server: TestServer, _ path: String, token: String? = nil, after id: String? = nil, _ fields: [(String, String)] = []
    ) throws {
        connection = try RawConnection(port: server.port)
        var request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n"
        if let token { request += "Authorization: Bearer \(token)\r\n" }
        if let id { request += "Last-Event-ID: \(id)\r\n" }
        for (name, value) in fields { request += "\(name): \(value)\r\n" }
        try connection.write((request + "\r\n").utf8)
        answer = try connection.answer()
    }

    /// The next event; `nil` if the stream has ended in order.
    func next() throws -> Event? {
        while received.isEmpty {
            let chunk = String(decoding: try connection.chunk(), as: UTF8.self)
            if chunk.isEmpty { return nil }
            // One or several events, or a comment.
            for block in chunk.components(separatedBy: "\n\n") {
                let lines = block.split(separator: "\n").map(String.init)
                guard lines.count == 3 else { continue }
                received.append(
                    Event(
                        id: String(lines[0].dropFirst(4)), name: String(lines[1].dropFirst(7)),
                        data: try JSON(parsing: Array(lines[2].dropFirst(6).utf8))))
            }
        }
        return received.removeFirst()
    }
}
