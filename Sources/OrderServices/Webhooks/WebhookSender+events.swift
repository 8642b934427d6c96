import Orders

/// What is taken up for delivery.
extension WebhookSender {
    /// Queues the deliveries of new events, and of those that are replayed.
    /// - Returns: whether there is more at once, and what has failed of some endpoints.
    func takeUp() async throws -> (isMore: Bool, failure: (any Error)?) {
        let stores = Set(held.values.filter { $0.queue.room > 0 }.map(\.endpoint.storeID))
        guard !stores.isEmpty else { return (false, nil) }
        let positions = try await storage.lastPositions(of: Array(stores))
        var (isMore, failure): (Bool, (any Error)?) = (false, nil)
        for id in Array(held.keys) {
            // One store's fault is not the others'.
            do { isMore = try await takeUp(for: id, positions) || isMore } catch { failure = error }
        }
        return (isMore, failure)
    }

    private func takeUp(for id: UUIDBytes, _ positions: [StoreID: Int64]) async throws -> Bool {
        // What is queued already comes first.
        guard try await load(id), let endpoint = held[id]?.endpoint else { return false }
        var isMore = false
        if let replay = endpoint.replay { isMore = try await takeUp(replay, to: endpoint) }
        if positions[endpoint.storeID] ?? 0 > endpoint.position { isMore = try await takeUpNew(to: id) || isMore }
        return isMore
    }

    private func takeUpNew(to id: UUIDBytes) async throws -> Bool {
        guard let entry = held[id], entry.queue.room > 0 else { return false }
        let limit = min(Self.pageSize, entry.queue.room)
        let events = try await storage.events(of: entry.endpoint.storeID, after: entry.endpoint.position, limit: limit)
        guard let last = events.last, let endpoint = held[id]?.endpoint else { return false }
        try await queue(events, to: endpoint, upTo: last.position, replay: endpoint.replay)
        return events.count == limit
    }

    private func takeUp(_ replay: WebhookEndpoint.Replay, to endpoint: WebhookEndpoint) async throws -> Bool {
        guard let entry = held[endpoint.id], entry.queue.room > 0 else { return false }
        let limit = min(Self.pageSize, entry.queue.room)
        let events = try await storage.events(of: endpoint.storeID, after: replay.position, limit: limit)
        let wanted = events.filter { $0.position <= replay.end }
        var rest: WebhookEndpoint.Replay? = replay
        rest?.position = wanted.last?.position ?? replay.end
        if wanted.count < limit || rest?.position == replay.end { rest = nil }
        try await queue(wanted, to: endpoint, upTo: endpoint.position, replay: rest)
        return rest != nil
    }

    private func queue(
        _ events: [OrderEvent], to endpoint: WebhookEndpoint, upTo position: Int64, replay: WebhookEndpoint.Replay?
    ) async throws {
        let time = now()
        let deliveries = events.filter { endpoint.wants($0.kind) }.enumerated().map { number, event in
            WebhookDelivery(event, to: endpoint.id, at: time, number: number)
        }
        let last = try await webhooks.queue(deliveries, to: endpoint, upTo: position, replay: replay, by: holder)
        guard let last, held[endpoint.id] != nil else {
            // It is another server's by now, or its merchant has changed it: what is stored counts.
            held[endpoint.id] = nil
            endpointsReadAt = nil
            return
        }
        held[endpoint.id]?.endpoint.position = position
        held[endpoint.id]?.endpoint.replay = replay
        held[endpoint.id]?.endpoint.lastPlace = last
        _ = try await load(endpoint.id)
    }

    /// Puts deliveries into the queue of an endpoint in the order of their places, each once, as far as there is room.
    /// - Returns: whether all are in it.
    private func load(_ id: UUIDBytes) async throws -> Bool {
        while let entry = held[id], entry.loadedUpTo < entry.endpoint.lastPlace, entry.queue.room > 0 {
            // What was delivered for an earlier hold must not be taken for what is still to be sent.
            try await record()
            let limit = min(Self.pageSize, entry.queue.room)
            let pending = try await webhooks.pendingWebhookDeliveries(to: entry.endpoint, after: entry.loadedUpTo, limit: limit)
            guard held[id]?.generation == entry.generation else { return false }
            for delivery in pending { held[id]?.queue.add(delivery, at: now()) }
            held[id]?.loadedUpTo = pending.count == limit ? pending[limit - 1].place : entry.endpoint.lastPlace
        }
        return held[id].map { $0.loadedUpTo >= $0.endpoint.lastPlace } ?? false
    }
}
