import Accounts
import Logging
import OrderServices
import Orders
import ServiceLifecycle

/// Does something again and again while the server runs; what fails is logged, once until it succeeds again.
struct Repeating: Service {
    let logger: Logger
    /// What the log says when it fails.
    let failure: Logger.Message
    let pause: Duration
    /// How long to wait after a failure.
    let pauseAfterFailure: Duration
    /// Returns whether there is more to do at once.
    let work: @Sendable () async throws -> Bool

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var hasFailed = false
            while !Task.isCancelled {
                var next = pause
                do {
                    // What has begun is done to its end, also when the server is asked to end.
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

extension Server {
    /// What goes on beside answering requests.
    func upkeep(_ access: AccessWatch, _ delivery: MailDelivery, _ logger: Logger) -> [any Service] {
        let storage = installation.storage
        let accounts = installation.accounts
        let sharedLimits = installation.sharedLimits
        return [
            // Twice a day is far ahead of every order.
            Repeating(
                logger: logger, failure: "the coming months could not be prepared", pause: .seconds(12 * 3600),
                pauseAfterFailure: .seconds(60)
            ) {
                try await storage.prepareAhead(of: .now)
                return false
            },
            // What is revoked anywhere has to stop working here within a second.
            Repeating(
                logger: logger, failure: "who may call could not be looked up", pause: .milliseconds(250),
                pauseAfterFailure: .milliseconds(250)
            ) {
                try await access.update()
                return false
            },
            // Somebody waits for each mail.
            Repeating(
                logger: logger, failure: "mails could not be delivered", pause: .milliseconds(250), pauseAfterFailure: .seconds(2)
            ) { try await delivery.deliverNext() },
            Repeating(
                logger: logger, failure: "what is over could not be removed", pause: .seconds(60), pauseAfterFailure: .seconds(60)
            ) {
                try await accounts.removeExpired(at: .now)
                try await sharedLimits?.forgetSpentLimits()
                return false
            },
        ]
    }
}
