import Orders

/// The pending deliveries to one endpoint: which may be sent now, and what follows from how it went.
///
/// Those of an order go one after the other. An endpoint that takes none is tried with one delivery from time to time, until it does again: then
/// everything else follows at once.
struct WebhookQueue {
    /// The maximum number of pending deliveries. Further events wait in the store's events.
    static let capacity = 2000
    /// The maximum number of deliveries under way.
    static let concurrency = 32
    /// The same for an endpoint that is slow.
    private static let concurrencyOfSlow = 4
    /// Below which time an endpoint is not slow, in milliseconds.
    private static let quickly: Int64 = 1000
    /// For how long a delivery is tried, in seconds, and after which time without any success an endpoint is stopped.
    static let patience: Int64 = 3 * 24 * 3600
    /// After so many failures in a row the endpoint counts as down.
    private static let failuresOfDown: Int64 = 8
    /// When an order is tried again whose endpoint could not be reached and has taken another one since, in seconds.
    private static let pauseOfUnreachable: Int64 = 30

    /// Every five minutes for an hour, every quarter of an hour for some hours, and then every half hour.
    static let probes: [Int64] =
        [5, 10, 30, 60, 120] + Array(repeating: 300, count: 12) + Array(repeating: 900, count: 12) + [1800]

    private let backoff: Backoff
    private let probing: Backoff

    /// The deliveries of each order, in the order in which they are sent.
    private var chains: [OrderID: [WebhookDelivery]] = [:]
    /// The orders whose first delivery is due, in the order in which they became so.
    private var due: [OrderID] = []
    /// The orders whose first delivery has failed, and when it is tried again.
    private var waiting: [OrderID: Timestamp] = [:]
    private var underWay: Set<OrderID> = []
    private var failures: Int64 = 0
    /// How many may be under way: fewer after failures, so that a slow endpoint takes no more than a few places.
    private var places = concurrencyOfSlow
    private var restsUntil: Timestamp?
    /// How often it has rested since the last success.
    private var rests: Int64 = 0
    private(set) var count = 0

    init(
        backoff: Backoff = Backoff(pauses: [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800]),
        probing: Backoff = Backoff(pauses: Self.probes)
    ) {
        self.backoff = backoff
        self.probing = probing
    }

    /// How many more deliveries there is room for.
    var room: Int { max(0, Self.capacity - count) }

    /// Adds a delivery after the others of its order.
    mutating func add(_ delivery: WebhookDelivery, at time: Timestamp) {
        count += 1
        chains[delivery.orderID, default: []].append(delivery)
        guard chains[delivery.orderID]?.count == 1 else { return }
        if delivery.dueAt <= time { due.append(delivery.orderID) } else { waiting[delivery.orderID] = delivery.dueAt }
    }

    /// The deliveries that are to be sent now.
    mutating func take(at time: Timestamp) -> [WebhookDelivery] {
        var free = places - underWay.count
        if let restsUntil {
            guard time >= restsUntil, underWay.isEmpty else { return [] }
            // One that shows whether it is back.
            if due.isEmpty, let first = waiting.min(by: { $0.value < $1.value })?.key { makeDue(first) }
            free = 1
        } else {
            for (order, dueAt) in waiting where dueAt <= time { makeDue(order) }
        }
        guard free > 0, !due.isEmpty else { return [] }
        let taken = due.prefix(free)
        due.removeFirst(taken.count)
        underWay.formUnion(taken)
        return taken.compactMap { chains[$0]?.first }
    }

    private mutating func makeDue(_ order: OrderID) {
        waiting[order] = nil
        due.append(order)
    }

    /// A delivery was not sent after all: it stays the next one of its order.
    mutating func putBack(_ delivery: WebhookDelivery) {
        guard underWay.remove(delivery.orderID) != nil else { return }
        due.append(delivery.orderID)
    }

    /// Takes in how a delivery went that was under way.
    /// - Returns: the delivery as it is to be recorded.
    mutating func finish(
        _ delivery: WebhookDelivery, _ answer: WebhookAnswer, sentAt start: Timestamp, at time: Timestamp
    ) -> WebhookDelivery {
        var delivery = delivery.after(answer, sentAt: start, at: time)
        guard chains[delivery.orderID]?.first?.id == delivery.id else { return delivery }
        underWay.remove(delivery.orderID)
        if delivery.status == .delivered {
            advance(delivery.orderID)
            noteSuccess(after: delivery.last?.duration ?? 0, at: time)
            return delivery
        }
        places = max(1, places / 2)
        failures += 1
        // What was under way with the one that showed it says nothing new.
        if isDown, restsUntil.map({ $0 <= time }) ?? true {
            restsUntil = time.adding(seconds: max(probing.pause(after: rests), answer.retryAfter ?? 0))
            rests += 1
        }
        let pause = max(backoff.pause(after: delivery.attempts - 1), answer.retryAfter ?? 0)
        delivery.dueAt = time.adding(seconds: pause)
        if delivery.dueAt.seconds > delivery.queuedAt.seconds + Self.patience {
            delivery.status = .failed
            advance(delivery.orderID)
        } else {
            chains[delivery.orderID]?[0] = delivery
            waiting[delivery.orderID] = delivery.dueAt
        }
        return delivery
    }

    /// The endpoint is another one by now: what is waiting is tried at once.
    mutating func forgetFailures(at time: Timestamp) {
        (failures, rests, restsUntil) = (0, 0, nil)
        for order in waiting.keys { waiting[order] = time }
    }

    private var isDown: Bool { failures >= Self.failuresOfDown }

    /// The endpoint takes deliveries: those that it could not take before need not wait for as long as was said.
    /// - Parameter duration: how long it took, in milliseconds.
    private mutating func noteSuccess(after duration: Int64, at time: Timestamp) {
        // Of several slow endpoints of one host, each would hold its connections for long.
        places = duration < Self.quickly ? min(places * 2, Self.concurrency) : min(places, Self.concurrencyOfSlow)
        let soon = time.adding(seconds: isDown ? 0 : Self.pauseOfUnreachable)
        for (order, dueAt) in waiting where dueAt > soon {
            guard isDown || chains[order]?.first?.last?.isOfEndpoint ?? false else { continue }
            waiting[order] = soon
        }
        (failures, rests, restsUntil) = (0, 0, nil)
    }

    /// Goes on with the next delivery of an order.
    private mutating func advance(_ order: OrderID) {
        count -= 1
        chains[order]?.removeFirst()
        if chains[order]?.isEmpty ?? true { chains[order] = nil } else { due.append(order) }
    }
}

extension WebhookDelivery {
    /// The delivery after an attempt, which has succeeded or not.
    func after(_ answer: WebhookAnswer, sentAt start: Timestamp, at time: Timestamp) -> WebhookDelivery {
        var delivery = self
        delivery.attempts += 1
        delivery.last = Attempt(answer, sentAt: start, at: time)
        if answer.failure == nil { delivery.status = .delivered }
        return delivery
    }
}

extension WebhookDelivery.Attempt {
    init(_ answer: WebhookAnswer, sentAt start: Timestamp, at time: Timestamp) {
        self.init(
            at: start, duration: (time.microseconds - start.microseconds) / 1000, answerStatus: answer.status,
            answer: answer.body, failure: answer.failure)
    }

    /// Whether it failed because of the endpoint, and not because of what was sent.
    fileprivate var isOfEndpoint: Bool { answerStatus.map { (502...504).contains($0) } ?? true }
}
