package import Orders

/// The endpoints to which a merchant wants the events of their store to be sent.
package struct MerchantWebhooks: Sendable {
    /// The maximum number of endpoints of a store.
    package static let maximumEndpoints = 16
    /// For how long, in seconds, the secret before may sign too.
    package static let overlaps: ClosedRange<Int64> = 0...(7 * 24 * 3600)
    /// The overlap if nothing is said.
    package static let usualOverlap: Int64 = 24 * 3600

    private let storage: any WebhookStorage
    private let now: @Sendable () -> Timestamp

    package init(storage: any WebhookStorage, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.storage = storage
        self.now = now
    }

    /// What a merchant changes of an endpoint; what is `nil` stays.
    package struct Change: Sendable {
        package var url: String?
        /// `.some(nil)` for all events.
        package var events: Set<OrderEvent.Kind>??
        package var noticeEmail: EmailAddress??
        package var isEnabled: Bool?

        package init() {}
    }

    /// A store's endpoints, oldest first.
    /// - Throws: ``StorageFailure``.
    package func endpoints(of storeID: StoreID) async throws -> [WebhookEndpoint] {
        try await storage.webhookEndpoints(of: storeID)
    }

    /// - Throws: ``Failure/webhookEndpointNotFound``; ``StorageFailure``.
    package func endpoint(_ id: UUIDBytes, of storeID: StoreID) async throws -> WebhookEndpoint {
        guard let endpoint = try await endpoints(of: storeID).first(where: { $0.id == id }) else {
            throw Failure.webhookEndpointNotFound
        }
        return endpoint
    }

    /// Adds an endpoint, which gets the events from now on.
    /// - Parameter events: `nil` for all.
    /// - Throws: ``Failure`` if the store has too many; ``StorageFailure``.
    package func add(
        _ url: String, for events: Set<OrderEvent.Kind>?, noticeEmail: EmailAddress?, to storeID: StoreID
    ) async throws -> WebhookEndpoint {
        let time = now()
        let endpoint = WebhookEndpoint(
            id: .random(), storeID: storeID, url: url, events: events, noticeEmail: noticeEmail, secret: WebhookSecret(),
            createdAt: time, updatedAt: time)
        guard try await storage.add(endpoint, limit: Self.maximumEndpoints) else { throw Failure.tooManyEndpoints }
        return endpoint
    }

    /// Changes an endpoint. One that is switched on again gets the events from now on.
    /// - Throws: ``Failure/webhookEndpointNotFound``; ``StorageFailure``.
    package func change(_ id: UUIDBytes, of storeID: StoreID, _ change: Change) async throws -> WebhookEndpoint {
        try await update(id, of: storeID) { endpoint, _ in
            if let url = change.url { endpoint.url = url }
            if let events = change.events { endpoint.events = events }
            if let email = change.noticeEmail { endpoint.noticeEmail = email }
            switch change.isEnabled {
            case true?: endpoint.stop = nil
            case false?: endpoint.stop = endpoint.stop ?? .paused
            case nil: break
            }
        }
    }

    /// Gives an endpoint a new secret.
    /// - Parameter overlap: for how many seconds deliveries are signed with the one before too.
    /// - Throws: ``Failure/webhookEndpointNotFound``; ``StorageFailure``.
    package func rotateSecret(of id: UUIDBytes, of storeID: StoreID, overlap: Int64) async throws -> WebhookEndpoint {
        // Made once, whether or not the change is tried again.
        let secret = WebhookSecret()
        return try await update(id, of: storeID) { endpoint, time in
            endpoint.previousSecret = overlap == 0 ? nil : endpoint.secret
            endpoint.previousSecretEndsAt = overlap == 0 ? nil : time.adding(seconds: overlap)
            endpoint.secret = secret
        }
    }

    /// - Throws: ``Failure/webhookEndpointNotFound``; ``StorageFailure``.
    package func remove(_ id: UUIDBytes, of storeID: StoreID) async throws {
        guard try await storage.removeWebhookEndpoint(id, of: storeID) else { throw Failure.webhookEndpointNotFound }
    }

    private func update(
        _ id: UUIDBytes, of storeID: StoreID, _ change: @escaping @Sendable (inout WebhookEndpoint, Timestamp) -> Void
    ) async throws -> WebhookEndpoint {
        let time = now()
        let endpoint = try await storage.changeWebhookEndpoint(id, of: storeID, at: time) { change(&$0, time) }
        guard let endpoint else { throw Failure.webhookEndpointNotFound }
        return endpoint
    }
}

extension Failure {
    /// The store has no such endpoint.
    package static let webhookEndpointNotFound = Failure(.notFound, "webhook_endpoint_not_found", "Webhook endpoint not found")

    fileprivate static let tooManyEndpoints = Failure(
        .conflict, "too_many_webhook_endpoints",
        "The store has \(MerchantWebhooks.maximumEndpoints) webhook endpoints: delete one that is no longer used")
}
