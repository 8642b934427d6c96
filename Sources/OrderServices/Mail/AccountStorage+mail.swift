import Accounts
import Orders

extension AccountStorage {
    /// Takes a request for a mail.
    /// - Throws: ``Failure/tooManyRequests(seconds:)`` where one of its kind was requested for the address a short time ago;
    ///   ``StorageFailure``.
    func take(_ mail: MailRequest, at time: Timestamp) async throws {
        let seconds = try await request(mail, pause: MailRequest.pause, at: time)
        guard seconds == 0 else { throw Failure.tooManyRequests(seconds: seconds) }
    }
}
