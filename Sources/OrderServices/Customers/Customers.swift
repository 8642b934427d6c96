package import Accounts
package import JSON
package import Orders

/// What a signed-in customer sees and changes of themselves.
package struct Customers: Sendable {
    /// As many addresses a customer may keep.
    package static let maximumAddresses = 50

    private let storage: any AccountStorage
    private let now: @Sendable () -> Timestamp

    package init(storage: any AccountStorage, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.storage = storage
        self.now = now
    }

    /// The customer as JSON: the fields that their orders have, and `pending_email`, an address that waits for its proof.
    /// - Throws: ``Failure/invalidToken`` where there is no such customer any more; ``StorageFailure``.
    package func customer(_ buyer: Buyer) async throws -> JSON {
        guard let profile = try await storage.profile(of: buyer, at: now()) else { throw Failure.invalidToken }
        guard let json = try? JSON(parsing: profile.document) else { throw StorageFailure.damaged }
        return json.replacing([("pending_email", profile.pendingEmail.map { .string($0.text) } ?? .null)])
    }

    /// Changes a customer.
    ///
    /// Another e-mail address becomes theirs when they have proven it: without a code one is sent to it.
    /// - Returns: the customer as they are then.
    /// - Throws: ``Failure/wrongCode``, ``Failure/emailTaken``, ``Failure/tooManyRequests(seconds:)``, ``Failure/invalidToken``;
    ///   ``StorageFailure``.
    package func change(_ change: CustomerChange, of buyer: Buyer, _ caller: Caller) async throws -> JSON {
        guard let profile = try await storage.profile(of: buyer, at: now()) else { throw Failure.invalidToken }
        if let email = change.email, email != profile.email {
            if let code = change.code {
                try await prove(email, with: code, profile, buyer, caller)
            } else {
                let mail = MailRequest(
                    .addressCode, to: email, in: buyer.storeID, customerID: buyer.customerID, language: caller.language)
                try await storage.take(mail, at: now())
            }
        }
        if !change.fields.isEmpty {
            guard try await storage.change(change.fields, of: buyer, at: now()) else { throw Failure.invalidToken }
        }
        return try await customer(buyer)
    }

    private func prove(
        _ email: EmailAddress, with code: OneTimeCode, _ profile: Profile, _ buyer: Buyer, _ caller: Caller
    ) async throws {
        let time = now()
        let tried = try await storage.tryCode(.addressCode, buyer.customerID.description, in: buyer.storeID, at: time)
        guard let tried, tried.hash.matches(code), profile.pendingEmail == email else {
            try await storage.record(
                AuditRecord(.wrongCode, in: buyer.storeID, of: buyer.customerID, at: time, from: caller.client))
            throw Failure.wrongCode
        }
        switch try await storage.changeEmail(of: buyer, using: tried, at: time, from: caller.client) {
        case .changed: break
        case .taken: throw Failure.emailTaken
        case .noCode: throw Failure.wrongCode
        }
    }

    /// All addresses of a customer, oldest first.
    package func addresses(of buyer: Buyer) async throws -> [JSON] {
        try await storage.addresses(of: buyer).map { try CustomerAddress.json($0.document, id: $0.id) }
    }

    /// - Throws: ``Failure/addressNotFound``; ``StorageFailure``.
    package func address(_ id: Int64, of buyer: Buyer) async throws -> JSON {
        guard let address = try await storage.addresses(of: buyer).first(where: { $0.id == id }) else {
            throw Failure.addressNotFound
        }
        return try CustomerAddress.json(address.document, id: id)
    }

    /// Keeps another address.
    /// - Throws: ``Failure/invalidContent(errors:)``, ``Failure/tooManyAddresses(limit:)``; ``StorageFailure``.
    package func add(_ body: JSON, to buyer: Buyer) async throws -> JSON {
        let document = try CustomerAddress.document(body, changing: nil)
        guard try await storage.profile(of: buyer, at: now()) != nil else { throw Failure.invalidToken }
        let id = try await storage.addAddress(document, of: buyer, limit: Self.maximumAddresses, at: now())
        guard let id else { throw Failure.tooManyAddresses(limit: Self.maximumAddresses) }
        return try CustomerAddress.json(document, id: id)
    }

    /// Changes the fields of an address that are given.
    /// - Throws: ``Failure/invalidContent(errors:)``, ``Failure/addressNotFound``; ``StorageFailure``.
    package func change(_ id: Int64, of buyer: Buyer, _ body: JSON) async throws -> JSON {
        let changed = try await storage.replaceAddress(id, of: buyer, at: now()) { document in
            guard let before = try? JSON(parsing: document) else { throw StorageFailure.damaged }
            return try CustomerAddress.document(body, changing: before)
        }
        guard let changed else { throw Failure.addressNotFound }
        return try CustomerAddress.json(changed, id: id)
    }

    /// - Throws: ``Failure/addressNotFound``; ``StorageFailure``.
    package func removeAddress(_ id: Int64, of buyer: Buyer) async throws {
        guard try await storage.removeAddress(id, of: buyer) else { throw Failure.addressNotFound }
    }
}

/// What a customer wants to be changed.
package struct CustomerChange: Sendable {
    let fields: [(name: String, value: JSON)]
    let email: EmailAddress?
    let code: OneTimeCode?

    /// Whether it sends a code or tries one.
    package var needsCounting: Bool { email != nil }

    /// Reads `name`, `phone`, `email` and `otp`; what is not there stays as it is.
    /// - Throws: ``Failure/invalidContent(errors:)``.
    package init(_ body: JSON) throws(Failure) {
        var reader = BodyReader(body)
        var fields: [(name: String, value: JSON)] = []
        for (name, length) in [("name", 200), ("phone", 50)] where body[name] != nil {
            fields.append((name, reader.optionalText(name, maximum: length).map { .string($0) } ?? .null))
        }
        self.fields = fields
        email = reader.isGiven("email") ? reader.email("email") : nil
        code = reader.isGiven("otp") ? reader.code("otp") : nil
        if code != nil, email == nil { reader.refuse("email", "is required together with otp") }
        try reader.finish()
    }
}
