package import Accounts
package import Orders

/// What signed-in customers read and change about themselves.
package struct Customers: Sendable {
    /// The maximum number of addresses per customer.
    package static let maximumAddresses = 50

    private let storage: any AccountStorage
    private let now: @Sendable () -> Timestamp

    package init(storage: any AccountStorage, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.storage = storage
        self.now = now
    }

    /// - Throws: ``Failure/invalidToken`` if the customer no longer exists; ``StorageFailure``.
    package func profile(of buyer: Buyer) async throws -> Profile {
        guard let profile = try await storage.profile(of: buyer, at: now()) else { throw Failure.invalidToken }
        return profile
    }

    /// Changes fields of a customer.
    /// - Throws: ``Failure/invalidToken``; ``StorageFailure``.
    package func change(_ change: ProfileChange, of buyer: Buyer) async throws {
        guard try await storage.change(change, of: buyer, at: now()) else { throw Failure.invalidToken }
    }

    /// Changes a customer's e-mail address once they have proven the new one.
    ///
    /// Without a code, it sends one to the new address; with the code, it makes the address theirs. It does nothing if the
    /// address is already theirs.
    /// - Parameter client: the caller's IP address, for the audit record.
    /// - Throws: ``Failure/wrongCode``, ``Failure/emailTaken``, ``Failure/tooManyRequests(seconds:)``, ``Failure/invalidToken``;
    ///   ``StorageFailure``.
    package func changeEmail(
        to email: EmailAddress, code: OneTimeCode?, of buyer: Buyer, language: MailLanguage, from client: String?
    ) async throws {
        let profile = try await profile(of: buyer)
        guard email != profile.email else { return }
        guard let code else {
            return try await storage.take(
                MailRequest(.addressCode, to: email, in: buyer.storeID, customerID: buyer.customerID, language: language),
                at: now())
        }
        let time = now()
        let tried = try await storage.tryCode(.addressCode, buyer.customerID.description, in: buyer.storeID, at: time)
        guard let tried, tried.hash.matches(code), profile.pendingEmail == email else {
            try await storage.record(AuditRecord(.wrongCode, in: buyer.storeID, of: buyer.customerID, at: time, from: client))
            throw Failure.wrongCode
        }
        switch try await storage.changeEmail(of: buyer, using: tried, at: time, from: client) {
        case .changed: break
        case .taken: throw Failure.emailTaken
        case .noCode: throw Failure.wrongCode
        }
    }

    /// All addresses of a customer, oldest first.
    package func addresses(of buyer: Buyer) async throws -> [StoredAddress] { try await storage.addresses(of: buyer) }

    /// - Throws: ``Failure/addressNotFound``; ``StorageFailure``.
    package func address(_ id: Int64, of buyer: Buyer) async throws -> StoredAddress {
        guard let address = try await storage.addresses(of: buyer).first(where: { $0.id == id }) else {
            throw Failure.addressNotFound
        }
        return address
    }

    /// Adds an address.
    /// - Throws: ``Failure/tooManyAddresses(limit:)``, ``Failure/invalidToken``; ``StorageFailure``.
    package func add(_ address: DeliveryAddress, to buyer: Buyer) async throws -> StoredAddress {
        _ = try await profile(of: buyer)
        let id = try await storage.addAddress(address, of: buyer, limit: Self.maximumAddresses, at: now())
        guard let id else { throw Failure.tooManyAddresses(limit: Self.maximumAddresses) }
        return StoredAddress(id: id, address: address)
    }

    /// Changes an address.
    /// - Parameter change: returns the new address for the stored one; errors that it throws are passed on.
    /// - Throws: ``Failure/addressNotFound``; ``StorageFailure``.
    package func changeAddress(
        _ id: Int64, of buyer: Buyer, _ change: @escaping @Sendable (DeliveryAddress) throws -> DeliveryAddress
    ) async throws -> StoredAddress {
        guard let changed = try await storage.replaceAddress(id, of: buyer, at: now(), change) else {
            throw Failure.addressNotFound
        }
        return StoredAddress(id: id, address: changed)
    }

    /// - Throws: ``Failure/addressNotFound``; ``StorageFailure``.
    package func removeAddress(_ id: Int64, of buyer: Buyer) async throws {
        guard try await storage.removeAddress(id, of: buyer) else { throw Failure.addressNotFound }
    }
}
