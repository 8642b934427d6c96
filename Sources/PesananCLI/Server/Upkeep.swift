import Accounts
import Logging
import OrderServices
import Orders
import ServiceLifecycle

/// Repeats a task while the server runs. A failure is logged once, until the task succeeds again.
struct Repeating: Service {
    let logger: Logger
    /// The log message for a failure.
    let failure: Logger.Message
    let pause: Duration
    /// How long to wait after a failure.
    let pauseAfterFailure: Duration
    /// Returns whether to run again at once because there is more to do.
    let work: @Sendable () async throws -> Bool

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var hasFailed = false
            while !Task.isCancelled {
                var next = pause
                do {
                    // Work that has begun is finished, even if the server shuts down.
                    let work = work
                    let isMore = try await Task { try await work() }.value
                    hasFailed = false
                    if isMore { continue }
                } catch {
                    if !hasFailed { logger.error(failure, metadata: ["reason": .string("\(error)")]) }
                    hasFailed = true
                    next = pauseAfterFailure
                }
                try? await Task.sleep(for: next)
            }
        }
    }
}

/// Delivers queued items while the server runs.
struct Delivering<Queue: DeliveryQueue>: Service {
    let worker: DeliveryWorker<Queue>

    func run() async throws { await cancelWhenGracefulShutdown { await worker.run() } }
}

/// Delivers webhooks while the server runs, and hands over to others at its end.
struct SendingWebhooks: Service {
    let sender: WebhookSender
    let work: Repeating

    func run() async throws {
        try await work.run()
        await sender.end()
    }
}

extension Server {
    /// The background services.
    func upkeep(
        _ access: AccessWatch, _ mails: any MailTransport, _ mirror: Mirror, _ looks: LookCounter, _ live: LiveEvents,
        _ proofs: TransferProofs, _ logger: Logger
    )
        -> [any Service]
    {
        let storage = installation.storage
        let accounts = installation.accounts
        let mirrors = installation.mirrors
        let sharedLimits = installation.sharedLimits
        let links = installation.links
        return [
            // Twice a day is well ahead of every order.
            Repeating(
                logger: logger, failure: "could not prepare for the coming months", pause: .seconds(12 * 3600),
                pauseAfterFailure: .seconds(60)
            ) {
                try await storage.prepareAhead(of: .now)
                return false
            },
            // Revoked tokens and keys must stop working within a second.
            Repeating(
                logger: logger, failure: "could not refresh access rules", pause: .milliseconds(250),
                pauseAfterFailure: .milliseconds(250)
            ) {
                try await access.update()
                return false
            },
            // To the minute.
            Repeating(
                logger: logger, failure: "could not cancel orders that were not paid in time", pause: .seconds(20),
                pauseAfterFailure: .seconds(20)
            ) {
                _ = try await Expiry(storage: storage, mirrors: mirrors).cancelDue()
                return false
            },
            // Mostly there is none: whoever receives an event makes its order.
            Repeating(
                logger: logger, failure: "could not make mirrored orders", pause: .seconds(2), pauseAfterFailure: .seconds(5)
            ) {
                try await mirror.makePending()
            },
            // A change is with everybody who listens within a tenth of a second.
            Repeating(
                logger: logger, failure: "could not read the events that somebody listens to", pause: .milliseconds(40),
                pauseAfterFailure: .milliseconds(250)
            ) {
                try await live.poll()
            },
            // Each listener every fifteen seconds.
            Repeating(logger: logger, failure: "could not send heartbeats", pause: .seconds(1), pauseAfterFailure: .seconds(1)) {
                live.beat(Int(Timestamp.now.seconds))
                return false
            },
            Repeating(
                logger: logger, failure: "could not count looks at orders", pause: .seconds(2), pauseAfterFailure: .seconds(10)
            ) {
                try await looks.store(in: links)
                return false
            },
            Repeating(
                logger: logger, failure: "could not remove pictures that no order has", pause: .seconds(20),
                pauseAfterFailure: .seconds(60)
            ) {
                try await proofs.removeExpired()
            },
            // Someone is waiting for each mail.
            Delivering(
                worker: DeliveryWorker(MailDelivery(storage: accounts, transport: mails, logger: logger)) { error in
                    logger.error("could not deliver mails", metadata: ["reason": .string("\(error)")])
                }),
            Repeating(
                logger: logger, failure: "could not remove expired data", pause: .seconds(60), pauseAfterFailure: .seconds(60)
            ) {
                try await accounts.removeExpired(at: .now)
                try await accounts.removeWebhookDeliveries(before: Timestamp.now.adding(seconds: -Self.deliveriesAreKept))
                try await sharedLimits?.forgetSpentLimits()
                return false
            },
        ]
    }

    /// For how many seconds webhook deliveries are listed.
    private static let deliveriesAreKept: Int64 = 14 * 24 * 3600

    /// The services that deliver webhooks.
    func delivery(
        ofWebhooksBy transport: any WebhookTransport, noticesBy mails: any MailTransport, _ logger: Logger
    ) -> [any Service] {
        let (storage, webhooks) = (installation.storage, installation.accounts)
        let sender = WebhookSender(
            storage: storage, webhooks: webhooks, bodies: webhookBodies, transport: transport,
            isAlone: installation.hasOnlyOneServer, logger: logger)
        let notices = WebhookNotices(
            webhooks: webhooks, storage: storage, mails: mails, otherwise: settings.noticeEmail, logger: logger)
        return [
            SendingWebhooks(
                sender: sender,
                work: Repeating(
                    logger: logger, failure: "could not deliver webhooks", pause: .milliseconds(40),
                    pauseAfterFailure: .seconds(1)
                ) {
                    try await sender.work()
                }),
            Repeating(
                logger: logger, failure: "could not send notices about webhooks", pause: .seconds(5),
                pauseAfterFailure: .seconds(60)
            ) {
                try await notices.send()
                return false
            },
        ]
    }
}
