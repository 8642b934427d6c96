import JSON
import OrderServices
import Orders
import Synchronization

/// A time that the test sets.
final class SetClock: Sendable {
    private let time = Mutex(Timestamp(seconds: 1_790_000_000))

    var now: Timestamp { time.withLock { $0 } }
    func advance(_ seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }
}

/// Receivers by their URLs, which note what comes.
final class WebhookReceivers: WebhookTransport {
    struct Received: Equatable {
        let url: String
        let order: String
        let number: Int64
        let id: String
    }

    private let received = Mutex<[Received]>([])
    private let isUp = Mutex(true)
    let pause: Duration

    init(pause: Duration = .zero) { self.pause = pause }

    var all: [Received] { received.withLock { $0 } }
    func setUp(_ value: Bool) { isUp.withLock { $0 = value } }

    func post(
        _ body: [UInt8], headers: [(name: String, value: String)], to url: String
    ) async -> WebhookAnswer {
        if pause != .zero { try? await Task.sleep(for: pause) }
        guard isUp.withLock({ $0 }) || url.contains("other") else { return WebhookAnswer(failure: "no answer") }
        if url.contains("broken") { return WebhookAnswer(status: 500, body: nil) }
        if url.contains("gone") { return WebhookAnswer(status: 410, body: nil) }
        if url.contains("stuck") { try? await Task.sleep(for: .seconds(2)) }
        guard let json = try? JSON(parsing: body), case .number(let number)? = json["number"] else {
            return WebhookAnswer(status: 400, body: nil)
        }
        received.withLock {
            $0.append(
                Received(
                    url: url, order: json.optionalText("order_id") ?? "", number: Int64(number) ?? 0,
                    id: json.optionalText("unique_id") ?? ""))
        }
        return WebhookAnswer(status: 200, body: nil)
    }
}
