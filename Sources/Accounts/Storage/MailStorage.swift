package import Orders

/// The queue of mails.
package protocol MailStorage: Sendable {
    /// Takes a request for a mail, unless one of its kind was requested for the same address less than `pause` seconds ago.
    /// - Returns: the seconds to wait; 0 if it was taken.
    func request(_ mail: MailRequest, pause: Int64, at time: Timestamp) async throws -> Int64

    /// Claims mails that are due, the stores in turn, each store's oldest first. Nobody else is given them for the next `lease` seconds.
    /// - Parameters:
    ///   - limit: the maximum number of mails.
    ///   - perStore: the maximum number for one store, those that are under way included.
    ///   - busy: how many are under way for each store.
    func claimMails(
        _ limit: Int, perStore: Int, busy: [StoreID: Int], lease: Int64, at time: Timestamp
    ) async throws -> [QueuedMail]

    /// What a mail needs in addition to the code; `nil` if its address is nobody's.
    func recipient(of mail: MailRequest) async throws -> MailRecipient?

    /// Takes a mail out of the queue.
    func remove(_ mail: QueuedMail, recording record: AuditRecord?) async throws

    /// Postpones a mail that could not be delivered.
    func postpone(_ mail: QueuedMail, until time: Timestamp) async throws
}
