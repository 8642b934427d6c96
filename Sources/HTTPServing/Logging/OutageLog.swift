import Logging
import Orders
import Synchronization

/// Logs that the database can't answer: when it begins, once a minute while it lasts, and when it is over, instead of once per request.
final class OutageLog: Sendable {
    private struct Outage {
        var failed = 1
        var said: ContinuousClock.Instant
        var last: ContinuousClock.Instant
    }

    private static let pause = Duration.seconds(60)
    /// It is over when nothing has failed for so long: what reads may go on while what writes fails.
    private static let quiet = Duration.seconds(2)

    private let logger: Logger
    private let outage = Mutex<Outage?>(nil)
    /// Whether there is an outage: asked for every request.
    private let isUnderWay = Atomic(false)

    init(logger: Logger) { self.logger = logger }

    /// Notes a request that could not be answered.
    func note(_ failure: StorageFailure, at now: ContinuousClock.Instant = .now) {
        let failed = outage.withLock { outage -> Int? in
            guard outage != nil else {
                outage = Outage(said: now, last: now)
                return 1
            }
            outage!.failed += 1
            outage!.last = now
            guard now - outage!.said >= Self.pause else { return nil }
            outage!.said = now
            return outage!.failed
        }
        isUnderWay.store(true, ordering: .relaxed)
        guard let failed else { return }
        logger.error(
            failed == 1 ? "the database can't answer" : "the database still can't answer",
            metadata: ["reason": .string("\(failure)"), "failed_requests": .string("\(failed)")])
    }

    /// Notes a request that was answered from the database.
    func noteSuccess() {
        guard isUnderWay.load(ordering: .relaxed) else { return }
        let now = ContinuousClock.now
        let over = outage.withLock { outage -> Outage? in
            guard let ended = outage, now - ended.last >= Self.quiet else { return nil }
            outage = nil
            return ended
        }
        guard let over else { return }
        isUnderWay.store(false, ordering: .relaxed)
        logger.notice("the database answers again", metadata: ["failed_requests": .string("\(over.failed)")])
    }
}
