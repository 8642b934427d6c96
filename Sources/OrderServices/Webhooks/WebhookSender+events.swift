import Orders

/// What is taken up for delivery.
extension WebhookSender {
    /// Queues the deliveries of new events, and of those that are replayed.
    func takeUp() async throws -> Bool {
        let stores = Set(held.values.filter { $0.queue.room > 0 }.map(\.endpoint.storeID))
        guard !stores.isEmpty else { return false }
        let positions = try await storage.lastPositions(of: Array(stores))
        var isMore = false
        for id in Array(held.keys) {
            guard let endpoint = held[id]?.endpoint else { continue }
            if let replay = endpoint.replay { isMore = try await takeUp(replay, to: endpoint) || isMore }
            if positions[endpoint.storeID] ?? 0 > endpoint.position { isMore = try await takeUpNew(to: id) || isMore }
        }
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
        let deliveries = events.filter { endpoint.wants($0.kind) }.enumerated().map { place, event in
            WebhookDelivery(event, to: endpoint.id, at: time, place: place)
        }
        let isQueued = try await webhooks.queue(deliveries, to: endpoint, upTo: position, replay: replay, by: holder)
        guard isQueued, held[endpoint.id] != nil else {
            // It is another server's by now, or its merchant has changed it: what is stored counts.
            held[endpoint.id] = nil
            endpointsReadAt = nil
            return
        }
        held[endpoint.id]?.endpoint.position = position
        held[endpoint.id]?.endpoint.replay = replay
        for delivery in deliveries { held[endpoint.id]?.queue.add(delivery, at: time) }
    }
}
