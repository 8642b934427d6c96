package import Orders

/// One-time codes and links. They are made when their mail is delivered, and only their hashes are stored.
package protocol CodeStorage: Sendable {
    /// Makes this the code that proves the mail's address, instead of any before.
    /// - Returns: false if the request is void by now, or another one has replaced it: then the mail is for nobody.
    func setCode(_ code: OneTimeCodeHash, of mail: QueuedMail, customerID: CustomerID, expires: Timestamp) async throws -> Bool

    /// Makes this the token by which a customer may set a password, instead of any before.
    /// - Returns: false if the request is void by now, or another one has replaced it: then the mail is for nobody.
    func setResetToken(_ digest: [UInt8], of mail: QueuedMail, customerID: CustomerID, expires: Timestamp) async throws -> Bool

    /// Counts a try of a code, and returns it if it may still be tried.
    /// - Parameters:
    ///   - subject: what it is known by (``MailRequest/subject``).
    ///   - spared: the number of tries to leave, unless this client has requested the code.
    func tryCode(
        _ kind: MailKind, _ subject: String, in storeID: StoreID, sparing spared: Int64, from client: String?, at time: Timestamp
    ) async throws -> TriedCode?

    /// The address of the customer whom a reset token is for; `nil` if the token is not valid any more.
    func email(ofResetToken digest: [UInt8], in storeID: StoreID, at time: Timestamp) async throws -> EmailAddress?
}

extension CodeStorage {
    /// Counts a try of a code by its owner.
    package func tryCode(_ kind: MailKind, _ subject: String, in storeID: StoreID, at time: Timestamp) async throws -> TriedCode?
    {
        try await tryCode(kind, subject, in: storeID, sparing: 0, from: nil, at: time)
    }
}

/// A code that was tried.
package struct TriedCode: Sendable {
    package let storeID: StoreID
    package let kind: MailKind
    package let subject: String
    package let hash: OneTimeCodeHash

    package init(storeID: StoreID, kind: MailKind, subject: String, hash: OneTimeCodeHash) {
        self.storeID = storeID
        self.kind = kind
        self.subject = subject
        self.hash = hash
    }
}
