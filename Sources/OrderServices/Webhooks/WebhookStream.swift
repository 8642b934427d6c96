package import Orders

/// The webhooks of a store as they happen, for a developer whose machine has no public address.
package struct WebhookStream: Sendable {
    private let storage: any OrderStorage
    private let events: LiveEvents
    private let bodies: WebhookBodies

    /// A listener who has missed more events than that begins anew.
    package static let mostMissed = 1000

    package init(storage: any OrderStorage, events: LiveEvents, bodies: WebhookBodies) {
        self.storage = storage
        self.events = events
        self.bodies = bodies
    }

    /// A webhook, and the position of its event in the store.
    package typealias Webhook = (event: OrderEvent, body: WebhookBody)

    /// What a listener is told first.
    package struct Beginning: Sendable {
        /// The position from which on events follow.
        package let position: Int64
        /// What has happened since the listener was here the last time; `nil` if that is too much.
        package let missed: [Webhook]?
        package let messages: AsyncStream<LiveEvents.Message>
        /// Has to be kept for as long as the listener listens.
        package let subscription: LiveEvents.Subscription
    }

    /// - Parameter position: of the last event that the listener has got; `nil` if they come for the first time.
    /// - Throws: ``Failure/unavailable``; ``StorageFailure``.
    package func listen(to storeID: StoreID, after position: Int64?) async throws -> Beginning {
        let queue = LiveQueue()
        let subscription = try await events.subscribe(to: .store, in: storeID, receive: queue.receive)
        var missed: [Webhook]? = []
        if let position, position < subscription.start {
            let found = try await storage.events(of: storeID, after: position, limit: Self.mostMissed + 1)
                .filter { $0.position <= subscription.start }
            missed = found.count > Self.mostMissed ? nil : try await webhooks(for: found, of: storeID)
        }
        return Beginning(position: subscription.start, missed: missed, messages: queue.messages, subscription: subscription)
    }

    /// The webhooks for events.
    /// - Throws: ``StorageFailure``.
    package func webhooks(for events: [OrderEvent], of storeID: StoreID) async throws -> [Webhook] {
        Array(zip(events, try await bodies.bodies(of: events, in: storeID)))
    }
}
