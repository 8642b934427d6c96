import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import OrderServices
package import Orders

/// Listens to the webhooks of a store on a server, and passes them on to a program that the server can't reach.
package struct WebhookListener: Sendable {
    /// What it says to the person at the terminal.
    package enum Report: Sendable {
        case connected
        /// There were too many events since the last connection: some were left out.
        case missedTooMuch
        case lost(String)
        case passedOn(kind: String, WebhookAnswer)
    }

    /// Why listening makes no sense.
    package struct Refused: Error, CustomStringConvertible {
        package let description: String
    }

    private let server: String
    private let key: String
    private let target: String
    private let secret: WebhookSecret
    private let transport: any WebhookTransport

    /// An event of the stream may be this long, in bytes.
    private static let maximumLine = 8 << 20

    /// - Parameters:
    ///   - server: the URL in front of `/v3`, without a slash at its end.
    ///   - key: a business key with the scope `webhook:read`.
    ///   - target: the URL to which webhooks are passed on.
    ///   - secret: with which they are signed.
    package init(server: String, key: String, target: String, secret: WebhookSecret, transport: any WebhookTransport) {
        self.server = server
        self.key = key
        self.target = target
        self.secret = secret
        self.transport = transport
    }

    /// Listens until the task is cancelled, and connects again whenever the connection is lost.
    /// - Throws: ``Refused``.
    package func run(_ report: @escaping @Sendable (Report) -> Void) async throws {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10), read: .seconds(60)))
        configuration.httpVersion = .http1Only
        try await HTTPClient.withHTTPClient(configuration: configuration) { try await listen(with: $0, report) }
    }

    private func listen(with client: HTTPClient, _ report: @escaping @Sendable (Report) -> Void) async throws {
        var last: Int64?
        let backoff = Backoff(pauses: [1, 2, 5, 10, 30])
        var failures: Int64 = 0
        while !Task.isCancelled {
            let before = last
            do { try await connect(client, &last, report) } catch let refused as Refused { throw refused } catch {
                if Task.isCancelled { return }
                report(.lost(Self.words(for: error)))
            }
            failures = last == before ? failures + 1 : 0
            try? await Task.sleep(for: .seconds(backoff.pause(after: failures)))
        }
    }

    private func connect(_ client: HTTPClient, _ last: inout Int64?, _ report: @Sendable (Report) -> Void) async throws {
        var request = HTTPClientRequest(url: server + "/v3/webhook-events")
        request.headers.add(name: "Authorization", value: "Bearer " + key)
        request.headers.add(name: "Accept", value: "text/event-stream")
        if let last { request.headers.add(name: "Last-Event-ID", value: String(last)) }
        let response = try await client.execute(request, deadline: .distantFuture)
        switch response.status.code {
        case 200: break
        case 401, 403: throw Refused(description: "the server refuses the key, or it lacks the scope webhook:read")
        case 300..<500: throw Refused(description: "status \(response.status.code): is the server's URL right?")
        default: throw Lost(status: Int(response.status.code))
        }
        var lines = EventLines(maximum: Self.maximumLine)
        for try await buffer in response.body {
            for event in try lines.events(in: buffer.readableBytesView) {
                switch event.name {
                case "ready": report(.connected)
                case "reset":
                    report(.missedTooMuch)
                    report(.connected)
                default:
                    let (body, start) = (WebhookBody(received: event.data), Timestamp.now)
                    let answer = await transport.post(body, signedWith: [secret], to: target, at: start)
                    report(.passedOn(kind: event.name, answer))
                }
                last = event.id ?? last
            }
        }
    }

    private struct Lost: Error {
        let status: Int
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let lost as Lost: "status \(lost.status)"
        case is EventLines.TooLong: "an event is too long"
        default: "the server can't be reached"
        }
    }
}

/// Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), as this service writes them.
struct EventLines {
    struct Event: Equatable {
        var id: Int64?
        var name = "message"
        var data: [UInt8] = []
    }

    struct TooLong: Error {}

    private let maximum: Int
    private var line: [UInt8] = []
    private var event = Event()
    private var hasData = false

    init(maximum: Int) { self.maximum = maximum }

    /// The events that end in the next bytes.
    /// - Throws: ``TooLong``.
    mutating func events(in bytes: some Sequence<UInt8>) throws -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                if line.count > maximum { throw TooLong() }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if line.isEmpty {
                if hasData { events.append(event) }
                (event, hasData) = (Event(), false)
            } else {
                take(line)
            }
            line = []
        }
        return events
    }

    private mutating func take(_ line: [UInt8]) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return }
        var value = line[(colon + 1)...]
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "id": event.id = Int64(String(decoding: value, as: UTF8.self))
        case "event": event.name = String(decoding: value, as: UTF8.self)
        case "data":
            event.data += (hasData ? [UInt8(ascii: "\n")] : []) + value
            hasData = true
        default: break
        }
    }
}
