import Accounts
import Orders

extension AccountStorage {
    /// Queues a requested mail.
    /// - Throws: ``Failure/tooManyRequests(seconds:)`` if a mail of its kind was requested for the same address a short time ago;
    ///   ``StorageFailure``.
    func take(_ mail: MailRequest, at time: Timestamp) async throws {
        let seconds = try await request(mail, pause: MailRequest.pause, at: time)
        guard seconds == 0 else { throw Failure.tooManyRequests(seconds: seconds) }
    }
}
