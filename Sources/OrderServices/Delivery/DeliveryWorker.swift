/// Delivers the items of a queue, several at a time.
package struct DeliveryWorker<Queue: DeliveryQueue>: Sendable {
    /// The maximum number of items in progress.
    private let concurrency: Int
    /// The maximum number for one receiver, so that a slow receiver leaves room for the others.
    private let perReceiver: Int
    /// How long to wait before checking again if nothing was due.
    private let pause: Duration
    private let pauseAfterFailure: Duration
    private let queue: Queue
    private let report: @Sendable (any Error) -> Void

    /// - Parameter report: receives errors that prevent items from being claimed or their outcomes from being recorded: the first
    ///   error, and again after it has worked in between.
    package init(
        _ queue: Queue, concurrency: Int = 8, perReceiver: Int = 4, pause: Duration = .milliseconds(250),
        pauseAfterFailure: Duration = .seconds(2), report: @escaping @Sendable (any Error) -> Void
    ) {
        self.queue = queue
        self.concurrency = concurrency
        self.perReceiver = perReceiver
        self.pause = pause
        self.pauseAfterFailure = pauseAfterFailure
        self.report = report
    }

    private enum Step: Sendable {
        case delivered(Queue.Receiver)
        case failed(Queue.Receiver, any Error)
        /// It is time to check the queue again.
        case woken
    }

    /// Delivers until the task is cancelled, and finishes deliveries that have started.
    package func run() async {
        await withTaskGroup(of: Step.self) { group in
            var busy: [Queue.Receiver: Int] = [:]
            var hasFailed = false
            var isMore = true
            group.addTask { await sleep(pause) }
            while true {
                var next = pause
                if isMore, !Task.isCancelled {
                    do {
                        let free = concurrency - busy.values.reduce(0, +)
                        let items = free == 0 ? [] : try await queue.claim(free, perReceiver: perReceiver, busy: busy)
                        for item in items {
                            busy[queue.receiver(of: item), default: 0] += 1
                            group.addTask { await deliver(item) }
                        }
                        isMore = !items.isEmpty
                        if isMore { hasFailed = false }
                    } catch {
                        if !hasFailed { report(error) }
                        (hasFailed, isMore, next) = (true, false, pauseAfterFailure)
                    }
                }
                guard let step = await group.next() else { return }
                switch step {
                case .delivered(let receiver):
                    finish(receiver, &busy)
                    isMore = true
                case .failed(let receiver, let error):
                    finish(receiver, &busy)
                    if !hasFailed { report(error) }
                    hasFailed = true
                case .woken:
                    if Task.isCancelled { continue }
                    isMore = true
                    group.addTask { [next] in await sleep(next) }
                }
            }
        }
    }

    private func finish(_ receiver: Queue.Receiver, _ busy: inout [Queue.Receiver: Int]) {
        busy[receiver] = busy[receiver].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    /// Runs in its own task, so that it is not cancelled with the others.
    private func deliver(_ item: Queue.Item) async -> Step {
        let receiver = queue.receiver(of: item)
        do {
            try await Task { [queue] in try await queue.deliver(item) }.value
            return .delivered(receiver)
        } catch {
            return .failed(receiver, error)
        }
    }

    private func sleep(_ duration: Duration) async -> Step {
        try? await Task.sleep(for: duration)
        return .woken
    }
}
