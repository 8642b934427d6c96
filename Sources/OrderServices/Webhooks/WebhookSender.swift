package import Logging
package import Orders

/// Delivers the events of stores to their endpoints: each at least once, those of an order in their order, and no endpoint at the expense of another.
///
/// One server delivers to an endpoint, as long as it raises the number of its hold; another takes over when the number has stood still for longer than the
/// hold lasts. No clocks of different machines are compared.
package actor WebhookSender {
    /// How endpoints are held.
    struct Holding: Sendable {
        /// How long a hold lasts after its number was raised.
        var lasts = Duration.seconds(25)
        /// How often it is raised.
        var beats = Duration.seconds(5)
        /// For how long a number has stood still when another server takes over.
        var takeover = Duration.seconds(35)
        /// Nothing is sent that may take longer than the hold.
        var longestSend = Duration.seconds(WebhookAnswer.timeout)
    }

    static let readsEndpointsEvery = Duration.seconds(1)
    /// How many events are taken up at once.
    static let pageSize = 200
    /// For how long deliveries under way may go on when the server ends.
    private static let farewell = Duration.seconds(3)

    let storage: any OrderStorage
    let webhooks: any WebhookStorage
    private let bodies: WebhookBodies
    private let transport: any WebhookTransport
    private let logger: Logger
    let isAlone: Bool
    let now: @Sendable () -> Timestamp
    let holding: Holding

    struct Held {
        /// Tells it from an earlier hold of the same endpoint.
        let generation: Int
        var endpoint: WebhookEndpoint
        var queue = WebhookQueue()
        /// The place up to which deliveries are in the queue, or were and are done with.
        var loadedUpTo: Int64 = 0
    }

    /// A delivery under way.
    struct Sent {
        let endpointID: UUIDBytes
        let task: Task<Void, Never>
    }

    /// The number of another server's hold, and since when it stands still.
    struct Observed {
        let hold: WebhookEndpoint.Hold
        let since: ContinuousClock.Instant
    }

    let holder = UUIDBytes.random()
    var held: [UUIDBytes: Held] = [:]
    var observed: [UUIDBytes: Observed] = [:]
    var endpointsReadAt: ContinuousClock.Instant?
    var lastBeat: ContinuousClock.Instant?
    /// Until when this server may send.
    var holdsUntil = ContinuousClock.now
    private var isPreparing = false
    var isEnding = false
    private var recording: Task<Void, any Error>?
    private var results: [WebhookDelivery] = []
    var sending: [UUIDBytes: Sent] = [:]
    var lastGeneration = 0

    /// - Parameter isAlone: whether no other server uses the same storage: what a server before has held is free.
    package init(
        storage: any OrderStorage, webhooks: any WebhookStorage, bodies: WebhookBodies, transport: any WebhookTransport,
        isAlone: Bool, logger: Logger, now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.init(
            storage: storage, webhooks: webhooks, bodies: bodies, transport: transport, isAlone: isAlone, logger: logger,
            now: now,
            holding: Holding())
    }

    init(
        storage: any OrderStorage, webhooks: any WebhookStorage, bodies: WebhookBodies, transport: any WebhookTransport,
        isAlone: Bool, logger: Logger, now: @escaping @Sendable () -> Timestamp, holding: Holding
    ) {
        self.storage = storage
        self.webhooks = webhooks
        self.bodies = bodies
        self.transport = transport
        self.isAlone = isAlone
        self.logger = logger
        self.now = now
        self.holding = holding
    }

    /// Whether anything is being sent or recorded.
    package var isBusy: Bool { !sending.isEmpty || isPreparing || !results.isEmpty || recording != nil }

    /// Takes up what has happened, and begins to send what is due.
    /// - Returns: whether there is more at once.
    /// - Throws: ``StorageFailure``.
    package func work() async throws -> Bool {
        let clock = ContinuousClock.now
        if endpointsReadAt.map({ clock - $0 >= Self.readsEndpointsEvery }) ?? true {
            try await readEndpoints(clock)
            endpointsReadAt = clock
        }
        if !held.isEmpty, lastBeat.map({ clock - $0 >= holding.beats }) ?? true { try await beat() }
        let (isMore, failure) = try await takeUp()
        try await send()
        try await record()
        if let failure { throw failure }
        return isMore
    }

    /// Ends: lets deliveries under way finish for a moment, and others take over.
    package func end() async {
        isEnding = true
        let end = ContinuousClock.now + Self.farewell
        while isBusy, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(20)) }
        for sent in sending.values { sent.task.cancel() }
        do {
            try await record()
            try await webhooks.releaseWebhookEndpoints(of: holder)
        } catch {
            logger.warning("webhooks: could not hand over", metadata: ["reason": .string("\(error)")])
        }
    }

    /// Sends what is due, until nothing is. Whoever finishes meanwhile makes room for what this takes next.
    private func send() async throws {
        guard !isPreparing else { return }
        isPreparing = true
        defer { isPreparing = false }
        var failure: (any Error)?
        while mayStillSend, failure == nil {
            let time = now()
            var due: [StoreID: [Due]] = [:]
            for id in held.keys {
                guard let entry = held[id], let taken = held[id]?.queue.take(at: time) else { continue }
                for delivery in taken {
                    due[entry.endpoint.storeID, default: []].append(Due(delivery: delivery, generation: entry.generation))
                }
            }
            guard !due.isEmpty else { return }
            for (storeID, deliveries) in due {
                // One store's fault is not the others'.
                do { try await start(deliveries, in: storeID) } catch {
                    putBack(deliveries)
                    failure = error
                }
            }
        }
        if let failure { throw failure }
    }

    /// A delivery that was taken out of a queue, and the hold whose queue it was.
    private struct Due {
        let delivery: WebhookDelivery
        let generation: Int
    }

    private var mayStillSend: Bool { !isEnding && ContinuousClock.now + holding.longestSend < holdsUntil }

    private func putBack(_ due: [Due]) {
        for each in due where sending[each.delivery.id] == nil && held[each.delivery.endpointID]?.generation == each.generation {
            held[each.delivery.endpointID]?.queue.putBack(each.delivery)
        }
    }

    private func start(_ due: [Due], in storeID: StoreID) async throws {
        let names = due.map { ($0.delivery.orderID, $0.delivery.number) }
        let bodies = try await bodies.bodies(of: names, in: storeID)
        // Reading may have taken long.
        guard mayStillSend else { return putBack(due) }
        for (each, body) in zip(due, bodies) {
            let delivery = each.delivery
            guard let entry = held[delivery.endpointID], entry.generation == each.generation else { continue }
            let start = now()
            guard let body else {
                let answer = WebhookAnswer(failure: "the order or its event can't be read")
                if let ended = held[delivery.endpointID]?.queue.finish(delivery, answer, sentAt: start, at: start) {
                    results.append(ended)
                }
                continue
            }
            let (url, secrets) = (entry.endpoint.url, entry.endpoint.secrets(at: start))
            let task = Task { [transport, now] in
                let answer = await transport.post(body, signedWith: secrets, to: url, at: start)
                await self.finish(each, answer, from: url, sentAt: start, at: now())
            }
            sending[delivery.id] = Sent(endpointID: delivery.endpointID, task: task)
        }
    }

    private func finish(
        _ due: Due, _ answer: WebhookAnswer, from url: String, sentAt start: Timestamp, at time: Timestamp
    ) async {
        let delivery = due.delivery
        sending[delivery.id] = nil
        // What was cut off by the end of the server is sent again by the next.
        if Task.isCancelled { return }
        guard held[delivery.endpointID]?.generation == due.generation,
            let ended = held[delivery.endpointID]?.queue.finish(delivery, answer, sentAt: start, at: time)
        else {
            // Whoever delivers next does not send it again.
            let ended = delivery.after(answer, sentAt: start, at: time)
            if ended.status == .delivered { results.append(ended) }
            return
        }
        results.append(ended)
        do {
            if held[delivery.endpointID]?.endpoint.url == url { try await judge(ended, answer, at: time) }
            try await send()
            try await record()
        } catch {
            // The next attempt does it; the loop that calls work() reports why.
            endpointsReadAt = nil
        }
    }

    /// Notes how an endpoint does, and stops one that is gone.
    private func judge(_ delivery: WebhookDelivery, _ answer: WebhookAnswer, at time: Timestamp) async throws {
        let id = delivery.endpointID
        guard let endpoint = held[id]?.endpoint else { return }
        if answer.failure == nil {
            guard endpoint.failingSince != nil else { return }
            held[id]?.endpoint.failingSince = nil
            return try await webhooks.setFailing(since: nil, id, of: endpoint.storeID)
        }
        if answer.status == 410 { return try await stop(endpoint, because: .gone, at: time) }
        guard let since = endpoint.failingSince else {
            held[id]?.endpoint.failingSince = time
            return try await webhooks.setFailing(since: time, id, of: endpoint.storeID)
        }
        // A delivery is given up when its next attempt would be too late, and there may be no other.
        let isOver = delivery.status == .failed && since <= delivery.queuedAt.adding(seconds: 3600)
        if isOver || time.seconds - since.seconds > WebhookQueue.patience {
            try await stop(endpoint, because: .failing, at: time)
        }
    }

    private func stop(_ endpoint: WebhookEndpoint, because reason: WebhookEndpoint.Stop, at time: Timestamp) async throws {
        held[endpoint.id] = nil
        guard try await webhooks.stopWebhookEndpoint(endpoint.id, of: endpoint.storeID, because: reason, at: time) else { return }
        logger.warning(
            "a webhook endpoint was switched off",
            metadata: [
                "store": .string(endpoint.storeID.text), "endpoint": .string(endpoint.id.description),
                "reason": .string(reason.rawValue),
            ])
    }

    /// Returns once what has become of deliveries is recorded, many at a time.
    /// - Throws: ``StorageFailure``; then it is recorded the next time.
    func record() async throws {
        while let recording { _ = try? await recording.value }
        guard !results.isEmpty else { return }
        let taken = results
        results = []
        let task = Task {
            // Before whoever waits goes on.
            defer { recording = nil }
            try await webhooks.record(taken)
        }
        recording = task
        do { try await task.value } catch {
            results = taken + results
            throw error
        }
    }
}
