import Foundation
import HummingbirdCore
package import Logging
import Synchronization

/// Accepts as many connections as the process may have files open (`ulimit -n`), less those that it needs otherwise.
///
/// Beyond that, new connections wait in the system's queue. Without this, the server would try to accept them again and again.
package final class ConnectionCapacity: AvailableConnectionsDelegate {
    private struct State {
        var connections = 0
        var said: ContinuousClock.Instant?
    }

    /// Files for what is opened later, and for connections that are accepted together.
    private static let reserve = 24
    private static let pause = Duration.seconds(60)

    private let maximum: Int
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter maximum: the number of connections.
    package init(maximum: Int, logger: Logger) {
        self.maximum = maximum
        self.logger = logger
    }

    /// Raises the process's limit as far as it may, and leaves room for the files that are open now.
    package convenience init(logger: Logger) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        if getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            setrlimit(resource, &limit)
        }
        getrlimit(resource, &limit)
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 100
        self.init(maximum: max(8, Int(clamping: limit.rlim_cur) - open - Self.reserve), logger: logger)
    }

    /// Whether new connections wait.
    package var isFull: Bool { state.withLock { $0.connections >= maximum } }

    package func connectionOpened() {
        let isToSay = state.withLock { state in
            state.connections += 1
            let now = ContinuousClock.now
            guard state.connections >= maximum, state.said.map({ now - $0 >= Self.pause }) ?? true else { return false }
            state.said = now
            return true
        }
        guard isToSay else { return }
        logger.warning(
            "new connections wait: raise the number of open files (ulimit -n)", metadata: ["connections": .string("\(maximum)")])
    }

    package func connectionClosed() { state.withLock { $0.connections -= 1 } }

    package func isAcceptingNewConnections() -> Bool { !isFull }
}
