/// Keeps the endpoints of stores and what was delivered to them. Every method is one transaction, and throws ``StorageFailure`` and nothing else.
package protocol WebhookStorage: Sendable {
    /// A store's endpoints, oldest first.
    func webhookEndpoints(of storeID: StoreID) async throws -> [WebhookEndpoint]

    /// Adds an endpoint, which gets the events from now on.
    /// - Parameter limit: the maximum number of endpoints of a store.
    /// - Returns: false if the store has so many.
    func add(_ endpoint: WebhookEndpoint, limit: Int) async throws -> Bool

    /// Changes what a merchant says of an endpoint: its URL, events, address for notices, secrets and whether it is stopped. One that is no longer
    /// stopped gets the events from now on. The deliveries that wait for one that is stopped have failed.
    /// - Returns: the endpoint after the change; `nil` if the store has none of that id.
    func changeWebhookEndpoint(
        _ id: UUIDBytes, of storeID: StoreID, at time: Timestamp, _ change: @escaping @Sendable (inout WebhookEndpoint) -> Void
    ) async throws -> WebhookEndpoint?

    /// Removes an endpoint and what waits for it; what was delivered stays listed.
    /// - Returns: false if the store has none of that id.
    func removeWebhookEndpoint(_ id: UUIDBytes, of storeID: StoreID) async throws -> Bool

    /// A store's deliveries, newest first.
    /// - Parameter id: only those before this one.
    func webhookDeliveries(
        of storeID: StoreID, where filter: WebhookDeliveryFilter, before id: UUIDBytes?, limit: Int
    ) async throws -> [WebhookDelivery]

    /// A delivery; `nil` if the store has none of that id.
    func webhookDelivery(_ id: UUIDBytes, of storeID: StoreID) async throws -> WebhookDelivery?

    /// Queues a delivery that a merchant wants, behind all others to its endpoint.
    /// - Returns: false if the store has no such endpoint, or it is stopped.
    func add(_ delivery: WebhookDelivery) async throws -> Bool

    /// Begins a replay, which ends one that is under way.
    /// - Returns: false if the store has no such endpoint, or it is stopped.
    func replay(_ replay: WebhookEndpoint.Replay, to id: UUIDBytes, of storeID: StoreID) async throws -> Bool

    /// The endpoints of all stores that are not stopped.
    func activeWebhookEndpoints() async throws -> [WebhookEndpoint]

    /// Makes a server the one that delivers to an endpoint.
    /// - Parameter hold: as it was read; the endpoint is not taken if it has changed since.
    /// - Returns: whether it was taken.
    func holdWebhookEndpoint(
        _ id: UUIDBytes, of storeID: StoreID, after hold: WebhookEndpoint.Hold?, by holder: UUIDBytes
    ) async throws -> Bool

    /// Raises the numbers of the endpoints that a server delivers to.
    /// - Returns: their ids.
    func beatWebhookEndpoints(of holder: UUIDBytes) async throws -> Set<UUIDBytes>

    /// Lets other servers deliver to the endpoints of one that ends.
    func releaseWebhookEndpoints(of holder: UUIDBytes) async throws

    /// The deliveries to an endpoint behind a place that are pending, in the order of their places; at most `limit`.
    func pendingWebhookDeliveries(
        to endpoint: WebhookEndpoint, after place: Int64, limit: Int
    ) async throws -> [WebhookDelivery]

    /// Queues the deliveries of events in their order, behind all others to the endpoint, and notes up to where they were taken up, if a server still holds the endpoint and it was nobody else.
    /// - Parameters:
    ///   - endpoint: as it was before.
    ///   - position: of the last event that was taken up.
    ///   - replay: what is left of the replay; `nil` if there is none any more.
    /// - Returns: the place of the last delivery; `nil` if they were not queued.
    func queue(
        _ deliveries: [WebhookDelivery], to endpoint: WebhookEndpoint, upTo position: Int64, replay: WebhookEndpoint.Replay?,
        by holder: UUIDBytes
    ) async throws -> Int64?

    /// Records what has become of deliveries, except those that are not pending any more.
    func record(_ deliveries: [WebhookDelivery]) async throws

    /// Records since when nothing could be delivered to an endpoint.
    func setFailing(since time: Timestamp?, _ id: UUIDBytes, of storeID: StoreID) async throws

    /// Stops an endpoint to which nothing can be delivered, and remembers that somebody is to be told.
    /// - Returns: whether it was not stopped before.
    func stopWebhookEndpoint(
        _ id: UUIDBytes, of storeID: StoreID, because reason: WebhookEndpoint.Stop, at time: Timestamp
    ) async throws -> Bool

    /// The endpoints of which somebody is to be told that they were stopped.
    func unannouncedWebhookStops() async throws -> [WebhookEndpoint]

    /// Notes whether somebody still has to be told.
    /// - Returns: whether that has changed: of several servers, one tells them.
    func setAnnounced(_ isAnnounced: Bool, _ id: UUIDBytes, of storeID: StoreID) async throws -> Bool

    /// Removes deliveries that were queued before a time and are not pending.
    func removeWebhookDeliveries(before time: Timestamp) async throws
}
