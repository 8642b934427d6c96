import Foundation

/// Lets people's writes go before an import's, in this process or another: SQLite itself lets whoever asks first.
///
/// It is a lock of a file beside the database. People share it while they write. An import takes it alone until each of its transactions has
/// begun: so it waits for people who wait, and they don't come in between.
final class WriteTurn: Sendable {
    private let descriptor: Int32

    /// `nil` if the file can't be created, for example beside a database that is read-only; everyone takes their chance then.
    init?(databasePath path: String) {
        descriptor = open(path + "-turn", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// - Returns: false if an import has not begun its transaction by the deadline.
    func beginOfPerson(until deadline: ContinuousClock.Instant) -> Bool {
        while flock(descriptor, LOCK_SH | LOCK_NB) != 0 {
            guard ContinuousClock.now < deadline else { return false }
            usleep(1000)
        }
        return true
    }

    func endOfPerson() { lock(LOCK_UN) }

    /// Begins a transaction when no person writes or waits to.
    func whenNobodyWaits(_ begin: () throws -> Void) rethrows {
        lock(LOCK_EX)
        defer { lock(LOCK_UN) }
        try begin()
    }

    private func lock(_ operation: Int32) { while flock(descriptor, operation) != 0, errno == EINTR {} }
}
