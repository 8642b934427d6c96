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
                update(endpoint)
            } else {
                held[endpoint.id] = nil
                if isFree(endpoint, clock) { try await take(endpoint) }
            }
        }
    }

    /// Takes over what a merchant has changed, and begins or ends of replays.
    private func update(_ endpoint: WebhookEndpoint) {
        guard let known = held[endpoint.id]?.endpoint else { return }
        // It was switched off and on again: what waited has failed, and what happened meanwhile is not for it.
        guard endpoint.position == known.position else {
            held[endpoint.id] = nil
            return
        }
        var after = endpoint
        if known.replay?.end == endpoint.replay?.end { after.replay = known.replay }
        after.failingSince = known.url == endpoint.url ? known.failingSince : nil
        after.lastPlace = max(known.lastPlace, endpoint.lastPlace)
        held[endpoint.id]?.endpoint = after
        if known.url != endpoint.url { held[endpoint.id]?.queue.forgetFailures(at: now()) }
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
        lastGeneration += 1
        held[id] = Held(generation: lastGeneration, endpoint: current)
    }

    func beat() async throws {
        let start = ContinuousClock.now
        let kept = try await webhooks.beatWebhookEndpoints(of: holder)
        (lastBeat, holdsUntil) = (start, start + holding.lasts)
        for id in held.keys where !kept.contains(id) { held[id] = nil }
    }
}
