import Synchronization

/// The URL at which the server answers; its port is known once it listens.
final class BaseURL: Sendable {
    private let host: String
    private let listeningPort: Mutex<Int>

    init(_ settings: Settings, port: Int) {
        host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        listeningPort = Mutex(port)
    }

    var port: Int {
        get { listeningPort.withLock { $0 } }
        set { listeningPort.withLock { $0 = newValue } }
    }

    var text: String { "http://\(host):\(port)" }
}
