import Orders

/// Which endpoints a server delivers to.
extension WebhookSender {
    func readEndpoints(_ clock: ContinuousClock.Instant) async throws {
        let active = try await webhooks.activeWebhookEndpoints()
        let ids = Set(active.map(\.id))
        for id in held.keys where !ids.contains(id) { held[id] = nil }
        observed = observed.filter { ids.contains($0.key) }
        for endpoint in active {
            if held[endpoint.id] != nil, endpoint.hold?.holder == holder {
                try await update(endpoint)
            } else {
                held[endpoint.id] = nil
                if isFree(endpoint, clock) { try await take(endpoint) }
            }
        }
    }

    /// Takes over what a merchant has changed, and begins or ends of replays; the positions are known better here.
    private func update(_ endpoint: WebhookEndpoint) async throws {
        guard var known = held[endpoint.id]?.endpoint else { return }
        let hasMore = known.additions != endpoint.additions
        let replay = known.replay?.end == endpoint.replay?.end ? known.replay : endpoint.replay
        let (position, failingSince) = (known.position, known.failingSince)
        known = endpoint
        (known.replay, known.position, known.failingSince) = (replay, position, failingSince)
        held[endpoint.id]?.endpoint = known
        guard hasMore else { return }
        // Merchants have added deliveries. What was delivered is recorded first, so that it is not taken for one of them.
        try await record()
        for delivery in try await webhooks.pendingWebhookDeliveries(to: endpoint, limit: WebhookQueue.capacity) {
            held[endpoint.id]?.queue.addIfUnknown(delivery, at: now())
        }
    }

    private func isFree(_ endpoint: WebhookEndpoint, _ clock: ContinuousClock.Instant) -> Bool {
        guard let hold = endpoint.hold, !isAlone, hold.holder != holder else { return true }
        if let seen = observed[endpoint.id], seen.hold == hold { return clock - seen.since >= holding.takeover }
        observed[endpoint.id] = Observed(hold: hold, since: clock)
        return false
    }

    private func take(_ endpoint: WebhookEndpoint) async throws {
        let start = ContinuousClock.now
        let (id, storeID) = (endpoint.id, endpoint.storeID)
        // What is still on its way from an earlier hold would be sent twice.
        guard !isEnding, !sending.values.contains(where: { $0.endpointID == id }) else { return }
        try await record()
        guard try await webhooks.holdWebhookEndpoint(id, of: storeID, after: endpoint.hold, by: holder) else { return }
        if held.isEmpty { holdsUntil = start + holding.lasts }
        observed[id] = nil
        // Read again: the server before may have taken up more events.
        let current = try await webhooks.webhookEndpoints(of: storeID).first { $0.id == id }
        guard let current else { return }
        var queue = WebhookQueue()
        for delivery in try await webhooks.pendingWebhookDeliveries(to: current, limit: WebhookQueue.capacity) {
            queue.add(delivery, at: now())
        }
        held[id] = Held(endpoint: current, queue: queue)
    }

    func beat() async throws {
        let start = ContinuousClock.now
        let kept = try await webhooks.beatWebhookEndpoints(of: holder)
        (lastBeat, holdsUntil) = (start, start + holding.lasts)
        for id in held.keys where !kept.contains(id) { held[id] = nil }
    }
}
