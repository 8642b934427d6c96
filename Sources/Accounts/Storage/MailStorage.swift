package import Orders

/// The queue of mails.
package protocol MailStorage: Sendable {
    /// Takes a request for a mail, unless one of its kind was requested for the same address less than `pause` seconds ago.
    /// - Returns: the seconds to wait; 0 if it was taken.
    func request(_ mail: MailRequest, pause: Int64, at time: Timestamp) async throws -> Int64

    /// The next mail that is due. Nobody else is given it for the next `lease` seconds.
    func claimMail(lease: Int64, at time: Timestamp) async throws -> QueuedMail?

    /// What a mail needs in addition to the code; `nil` if its address is nobody's.
    func recipient(of mail: MailRequest) async throws -> MailRecipient?

    /// Takes a mail out of the queue.
    func remove(_ mail: QueuedMail, recording record: AuditRecord?) async throws

    /// Postpones a mail that could not be delivered.
    func postpone(_ mail: QueuedMail, until time: Timestamp) async throws
}
