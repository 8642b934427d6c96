import Foundation

/// Lets people's writes go before an import's, in this process or another: SQLite itself lets whoever asks first.
///
/// It is a lock of a file beside the database. People share it while they write. An import takes it alone before each of its
/// transactions, and so waits for people who wait; it releases it at once, because the transaction has a lock of its own.
final class WriteTurn: Sendable {
    private let descriptor: Int32

    /// `nil` if the file can't be created, for example beside a database that is read-only; everyone takes their chance then.
    init?(databasePath path: String) {
        descriptor = open(path + "-turn", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    func beginOfPerson() { lock(LOCK_SH) }
    func endOfPerson() { lock(LOCK_UN) }

    /// Waits until no person writes or waits to.
    func waitForPeople() {
        lock(LOCK_EX)
        lock(LOCK_UN)
    }

    private func lock(_ operation: Int32) { while flock(descriptor, operation) != 0, errno == EINTR {} }
}
