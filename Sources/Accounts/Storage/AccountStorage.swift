package import JSON
package import Orders

/// Where accounts, sessions, codes and all that belongs to signing in are kept. What each implementation must do is written down clause by
/// clause in `Tests/StorageContract`.
///
/// Every method is one transaction, and throws ``StorageFailure`` where the storage can't do its work, and nothing else. Times are given, so
/// that a storage has no clock of its own.
package protocol AccountStorage: Sendable {
    // Customers.

    /// Who signs in with an address, and whether their store asks for a one-time code beside the password.
    ///
    /// Of several customers with one address it is the one with the lowest id, always the same.
    func account(of email: EmailAddress, in storeID: StoreID) async throws -> (account: Account?, requiresCode: Bool)

    /// `nil` where there is no such customer.
    func profile(of buyer: Buyer, at time: Timestamp) async throws -> Profile?

    /// How often all sessions of a customer were ended.
    func generation(of buyer: Buyer) async throws -> Int64

    /// Changes fields of a customer as the customer sees it; the customer's `last_updated_at` is the given time from then on.
    /// - Returns: false where there is no such customer.
    func change(_ fields: [(name: String, value: JSON)], of buyer: Buyer, at time: Timestamp) async throws -> Bool

    // Codes and links by mail.

    /// Takes a request for a mail, unless one of its kind was requested for the same address less than `pause` seconds ago.
    /// - Returns: the seconds to wait; 0 where it was taken.
    func request(_ mail: MailRequest, pause: Int64, at time: Timestamp) async throws -> Int64

    /// The next mail that is due. Nobody else is given it for the next `lease` seconds.
    func claimMail(lease: Int64, at time: Timestamp) async throws -> QueuedMail?

    /// What a mail to a customer needs beside the code: the customer, and the documents of both, as JSON.
    func recipient(of mail: MailRequest) async throws -> MailRecipient?

    /// Makes this the code that proves the mail's address, instead of any before.
    /// - Returns: false where the request is void by now, or another one has taken its place: the mail is for nobody then.
    func setCode(_ code: OneTimeCodeHash, of mail: QueuedMail, customerID: CustomerID, expires: Timestamp) async throws -> Bool

    /// Makes this the token by which a customer may set a password, instead of any before.
    /// - Returns: false where the request is void by now, or another one has taken its place: the mail is for nobody then.
    func setResetToken(_ digest: [UInt8], of mail: QueuedMail, customerID: CustomerID, expires: Timestamp) async throws -> Bool

    /// Takes a mail out of the queue.
    func remove(_ mail: QueuedMail, recording record: AuditRecord?) async throws

    /// Puts a mail off, as it could not be delivered.
    func postpone(_ mail: QueuedMail, until time: Timestamp) async throws

    /// Counts a try of a code, and gives it where it may be tried still.
    /// - Parameter subject: what it is known by (``MailRequest/subject``).
    func tryCode(_ kind: MailKind, _ subject: String, in storeID: StoreID, at time: Timestamp) async throws -> TriedCode?

    // Sessions.

    /// Uses a one-time code up, confirms its customer and begins a session.
    /// - Returns: the account; `nil` where the code was used up by someone else, or the customer has another address now.
    func beginSession(
        _ session: SessionID, using code: TriedCode, with email: EmailAddress, expires: Timestamp, at time: Timestamp,
        from client: String?
    )
        async throws -> Account?

    /// Begins a session of an account, of whose password `newHash` is stored from then on where it is given.
    /// - Returns: false where the password or the generation is another one meanwhile.
    func beginSession(
        _ session: SessionID, of account: Account, rehashed newHash: PasswordHash?, expires: Timestamp, at time: Timestamp,
        from client: String?
    )
        async throws -> Bool

    /// Uses a refresh token.
    /// - Parameter grace: for so many seconds a token that was used gives its answer again, to those who lost it.
    func useRefreshToken(_ grant: RefreshGrant, grace: Int64, expires: Timestamp, at time: Timestamp, from client: String?)
        async throws -> RefreshOutcome

    /// Revokes tokens, for all servers.
    func revoke(_ revocations: [Revocation], of buyer: Buyer, at time: Timestamp, from client: String?) async throws

    // Passwords.

    /// Sets a password by a reset token, uses that up, confirms the customer and ends all sessions.
    /// - Returns: the customer with the new generation; `nil` where there is no such token any more.
    func setPassword(
        _ hash: PasswordHash, resetToken digest: [UInt8], in storeID: StoreID, at time: Timestamp, from client: String?
    )
        async throws -> (buyer: Buyer, generation: Int64)?

    /// The address of the customer whom a reset token is for; `nil` where there is no such token any more.
    func email(ofResetToken digest: [UInt8], in storeID: StoreID, at time: Timestamp) async throws -> EmailAddress?

    /// Sets the password of a customer who is signed in, ends all sessions and begins a new one.
    /// - Parameter old: the password's hash before.
    /// - Returns: the new generation; `nil` where the hash before was another one.
    func setPassword(
        _ hash: PasswordHash, of buyer: Buyer, replacing old: PasswordHash?, session: SessionID, expires: Timestamp,
        at time: Timestamp,
        from client: String?
    ) async throws -> Int64?

    /// Gives a customer the address that a code has proven, and uses the code up.
    func changeEmail(of buyer: Buyer, using code: TriedCode, at time: Timestamp, from client: String?) async throws -> EmailChange

    // Addresses for parcels.

    /// All addresses of a customer, oldest first.
    func addresses(of buyer: Buyer) async throws -> [StoredAddress]

    /// Keeps another address.
    /// - Parameter limit: as many a customer may have.
    /// - Returns: its id; `nil` where there are so many already.
    func addAddress(_ document: [UInt8], of buyer: Buyer, limit: Int, at time: Timestamp) async throws -> Int64?

    /// Puts another one in the place of an address.
    /// - Parameter change: makes the new document from the one that is there; what it throws is thrown, and nothing changed.
    /// - Returns: the new document; `nil` where there is no such address.
    func replaceAddress(
        _ id: Int64, of buyer: Buyer, at time: Timestamp, _ change: @escaping @Sendable ([UInt8]) throws -> [UInt8]
    ) async throws -> [UInt8]?

    /// - Returns: false where there is no such address.
    func removeAddress(_ id: Int64, of buyer: Buyer) async throws -> Bool

    // Who may call.

    /// What changed since; everything for a number below 0.
    func accessNews(since number: Int64, at time: Timestamp) async throws -> AccessNews

    /// - Returns: false where there is no such store.
    func add(_ key: StorefrontKey, to storeID: StoreID, at time: Timestamp) async throws -> Bool
    /// The keys of a store, oldest first, each with the moment at which it was made.
    func storefrontKeys(of storeID: StoreID) async throws -> [(text: String, createdAt: Timestamp)]
    /// - Returns: false where the store has no such key.
    func remove(storefrontKey text: String, of storeID: StoreID) async throws -> Bool

    /// - Returns: false where there is no such store.
    func add(_ origin: WebOrigin, to storeID: StoreID, at time: Timestamp) async throws -> Bool
    /// The origins of a store, oldest first, each with the moment at which it was added.
    func origins(of storeID: StoreID) async throws -> [(text: String, createdAt: Timestamp)]
    /// - Returns: false where the store has no such origin.
    func remove(origin text: String, of storeID: StoreID) async throws -> Bool

    // Looking back.

    func record(_ record: AuditRecord) async throws

    /// The customers of all stores with an address; for operators, as it looks through all of them.
    func customers(with email: EmailAddress) async throws -> [Buyer]

    /// What was recorded of customers of a store, the newest first.
    func auditRecords(of customers: [CustomerID], in storeID: StoreID, limit: Int) async throws -> [AuditRecord]

    /// Removes what nobody can use any more: codes, sessions and revocations whose time is over, and old audit records.
    func removeExpired(at time: Timestamp) async throws
}

/// What a mail needs to know of whom it is for.
package struct MailRecipient: Sendable {
    package let customerID: CustomerID
    /// The customer as they see themselves, as JSON.
    package let customer: [UInt8]
    /// The store as buyers see it, as JSON.
    package let store: [UInt8]

    package init(customerID: CustomerID, customer: [UInt8], store: [UInt8]) {
        self.customerID = customerID
        self.customer = customer
        self.store = store
    }
}

/// A code that was tried.
package struct TriedCode: Sendable {
    package let storeID: StoreID
    package let kind: MailKind
    package let subject: String
    package let hash: OneTimeCodeHash
    package let customerID: CustomerID

    package init(storeID: StoreID, kind: MailKind, subject: String, hash: OneTimeCodeHash, customerID: CustomerID) {
        self.storeID = storeID
        self.kind = kind
        self.subject = subject
        self.hash = hash
        self.customerID = customerID
    }
}

/// What became of a refresh token that was used.
package enum RefreshOutcome: Equatable, Sendable {
    /// The session goes on with the refresh token of this number.
    case next(Int64)
    /// It was used before, long ago: the whole session is ended.
    case reused(Revocation)
    /// The session is over, or never was.
    case ended
}

/// What became of a change of address.
package enum EmailChange: Equatable, Sendable {
    case changed
    /// Another customer of the store has this address.
    case taken
    /// The code was used up by someone else.
    case noCode
}
