package import Orders

/// What was delivered to the endpoints of a store, and sending it once more.
package struct WebhookDeliveries: Sendable {
    private let storage: any OrderStorage
    private let webhooks: any WebhookStorage
    private let endpoints: MerchantWebhooks
    private let transport: any WebhookTransport
    private let now: @Sendable () -> Timestamp

    package init(
        storage: any OrderStorage, webhooks: any WebhookStorage, transport: any WebhookTransport,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.storage = storage
        self.webhooks = webhooks
        self.transport = transport
        self.now = now
        endpoints = MerchantWebhooks(storage: webhooks, now: now)
    }

    /// Deliveries of a store, newest first, and the id to go on after; `nil` if those were the last.
    /// - Throws: ``StorageFailure``.
    package func list(
        of storeID: StoreID, where filter: WebhookDeliveryFilter, after id: UUIDBytes?, size: Int
    ) async throws -> (deliveries: [WebhookDelivery], next: UUIDBytes?) {
        let found = try await webhooks.webhookDeliveries(of: storeID, where: filter, before: id, limit: size + 1)
        let page = Array(found.prefix(size))
        return (page, found.count > size ? page.last?.id : nil)
    }

    /// - Throws: ``Failure/webhookDeliveryNotFound``; ``StorageFailure``.
    package func delivery(_ id: UUIDBytes, of storeID: StoreID) async throws -> WebhookDelivery {
        guard let delivery = try await webhooks.webhookDelivery(id, of: storeID) else { throw Failure.webhookDeliveryNotFound }
        return delivery
    }

    /// Sends the event of a delivery once more, with the order as it is by then.
    /// - Returns: the new delivery.
    /// - Throws: ``Failure/webhookDeliveryNotFound``, ``Failure/webhookEndpointStopped``; ``StorageFailure``.
    package func replay(_ id: UUIDBytes, of storeID: StoreID) async throws -> WebhookDelivery {
        let delivery = try await delivery(id, of: storeID)
        _ = try await endpoints.endpoint(delivery.endpointID, of: storeID)
        let event = try await storage.events([(delivery.orderID, delivery.number)], in: storeID).first ?? nil
        guard let event else { throw StorageFailure.damaged }
        let again = WebhookDelivery(event, to: delivery.endpointID, at: now())
        guard try await webhooks.add(again) else { throw Failure.webhookEndpointStopped }
        return again
    }

    /// Sends the events of a span of time once more to an endpoint, those that it wants.
    /// - Parameter end: before which the events are; `nil` for all until now.
    /// - Returns: how many events the store has in the span.
    /// - Throws: ``Failure/webhookEndpointNotFound``, ``Failure/webhookEndpointStopped``; ``StorageFailure``.
    package func replay(
        since start: Timestamp, until end: Timestamp?, to id: UUIDBytes, of storeID: StoreID
    ) async throws -> Int64 {
        _ = try await endpoints.endpoint(id, of: storeID)
        let first = try await storage.position(of: storeID, before: start)
        let last =
            if let end { try await storage.position(of: storeID, before: end) } else {
                try await storage.lastPosition(of: storeID)
            }
        guard last > first else { return 0 }
        guard try await webhooks.replay(.init(after: first, upTo: last), to: id, of: storeID) else {
            throw Failure.webhookEndpointStopped
        }
        return last - first
    }

    /// Sends an example to an endpoint, stopped or not, and waits for the answer.
    /// - Throws: ``Failure/webhookEndpointNotFound``; ``StorageFailure``.
    package func test(_ id: UUIDBytes, of storeID: StoreID, with example: WebhookExample) async throws -> WebhookDelivery.Attempt
    {
        let endpoint = try await endpoints.endpoint(id, of: storeID)
        return await example.send(to: endpoint.url, in: storeID, secrets: endpoint.secrets(at: now()), by: transport, now: now)
    }
}

extension WebhookExample {
    /// Sends the example, and waits for the answer.
    package func send(
        to url: String, in storeID: StoreID, secrets: [WebhookSecret], by transport: any WebhookTransport,
        now: @Sendable () -> Timestamp = { .now }
    ) async -> WebhookDelivery.Attempt {
        let start = now()
        let answer = await transport.post(body(in: storeID, at: start), signedWith: secrets, to: url, at: start)
        return WebhookDelivery.Attempt(answer, sentAt: start, at: now())
    }
}

extension Failure {
    /// The store has no such delivery.
    package static let webhookDeliveryNotFound = Failure(.notFound, "webhook_delivery_not_found", "Webhook delivery not found")

    /// Nothing is sent to the endpoint.
    package static let webhookEndpointStopped = Failure(
        .conflict, "webhook_endpoint_stopped", "The webhook endpoint is switched off: switch it on first")
}
