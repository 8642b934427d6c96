import Foundation
import Orders
import Synchronization

/// Something that a ``ConnectionLoop`` drives: it waits for a socket, a deadline or both.
protocol Driven: AnyObject {
    /// The socket and the events to wait for (`POLLIN`, `POLLOUT`); `nil` if there is none.
    var socket: (descriptor: Int32, events: Int16)? { get }
    /// When to call ``advance(_:isReady:)`` even if the socket is not ready.
    var deadline: ContinuousClock.Instant? { get }
    /// Called on every iteration of the loop, whatever woke it.
    /// - Parameter isReady: whether its socket can be read or written.
    func advance(_ now: ContinuousClock.Instant, isReady: Bool)
    /// Called when the loop ends: fails everyone who is still waiting.
    func end()
}

/// A single thread that drives all connections of a storage, so that no other thread ever waits for a socket.
///
/// All driven objects live on this thread; ``LoopHandle`` passes work to it from other threads.
final class ConnectionLoop {
    let handle: LoopHandle
    /// The lookups' scheduler.
    weak var reads: Reads?
    private var driven: [any Driven] = []
    private let wakeUp: Int32
    private var readySockets: [ObjectIdentifier] = []

    fileprivate init(handle: LoopHandle, wakeUp: Int32) {
        self.handle = handle
        self.wakeUp = wakeUp
    }

    func add(_ new: any Driven) { driven.append(new) }

    func remove(_ old: any Driven) { driven.removeAll { $0 === old } }

    func first(where isWanted: (any Driven) -> Bool) -> (any Driven)? { driven.first(where: isWanted) }

    fileprivate func run() {
        letOthersFinish()
        while true {
            let work = handle.takeWork()
            for job in work.jobs { job(self) }
            if work.isEnd { break }
            let now = ContinuousClock.now
            let ready = readySockets
            readySockets = []
            for each in driven { each.advance(now, isReady: ready.contains(ObjectIdentifier(each))) }
            if !handle.hasWork { wait() }
        }
        for each in driven { each.end() }
        close(wakeUp)
    }

    /// Schedules the thread when a core is free instead of interrupting another thread: lookups that arrive in the meantime go
    /// out in one group, and sending a group is most of what lookups cost.
    private func letOthersFinish() {
        #if os(Linux)
            // `SCHED_BATCH` of sched(7), which Swift does not import.
            let batch: Int32 = 3
            var parameters = sched_param()
            var policy = SCHED_OTHER
            // Keep a policy that the operator has chosen.
            guard pthread_getschedparam(pthread_self(), &policy, &parameters) == 0, policy == SCHED_OTHER else { return }
            pthread_setschedparam(pthread_self(), batch, &parameters)
        #endif
    }

    private func wait() {
        var waiting: [ObjectIdentifier] = []
        var descriptors = [pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0)]
        var next: ContinuousClock.Instant?
        for each in driven {
            if let socket = each.socket {
                descriptors.append(pollfd(fd: socket.descriptor, events: socket.events, revents: 0))
                waiting.append(ObjectIdentifier(each))
            }
            if let deadline = each.deadline { next = next.map { min($0, deadline) } ?? deadline }
        }
        // Rounded up, so that the deadline has passed when the wait ends.
        let milliseconds = next.map {
            Int32(max(0, min(60_000, (ContinuousClock.now.duration(to: $0) / .milliseconds(1)).rounded(.up))))
        }
        poll(&descriptors, nfds_t(descriptors.count), milliseconds ?? -1)
        for (each, descriptor) in zip(waiting, descriptors.dropFirst()) where descriptor.revents != 0 {
            readySockets.append(each)
        }
        if descriptors[0].revents != 0 {
            var bytes = (UInt64(0), UInt64(0))
            while read(wakeUp, &bytes, 16) == 16 {}
        }
    }
}

/// Passes work to a ``ConnectionLoop`` from any thread.
final class LoopHandle: Sendable {
    typealias Job = @Sendable (ConnectionLoop) -> Void

    private struct Work {
        var jobs: [Job] = []
        var isEnd = false
        /// Whether the loop has been woken already.
        var isAnnounced = false
    }

    private let work = Mutex(Work())
    private let wakeUp: Int32

    private init(wakeUp: Int32) { self.wakeUp = wakeUp }

    deinit { close(wakeUp) }

    /// Starts a loop on a new thread.
    /// - Throws: ``StorageFailure`` if the system has no file descriptors left.
    static func start() throws -> LoopHandle {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw StorageFailure.unavailable(String(cString: strerror(errno))) }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        let handle = LoopHandle(wakeUp: ends[1])
        let reading = ends[0]
        let thread = Thread { ConnectionLoop(handle: handle, wakeUp: reading).run() }
        thread.name = "pesanan-postgres"
        thread.start()
        return handle
    }

    /// Runs a job on the loop's thread.
    func run(_ job: @escaping Job) {
        announce { $0.jobs.append(job) }
    }

    /// Ends the loop after the jobs submitted so far.
    func end() {
        announce { $0.isEnd = true }
    }

    private func announce(_ change: (inout Work) -> Void) {
        let isFirst = work.withLock { work in
            // After the end, only abandoned connections submit jobs, and those ended with the loop.
            guard !work.isEnd else { return false }
            change(&work)
            defer { work.isAnnounced = true }
            return !work.isAnnounced
        }
        guard isFirst else { return }
        var byte: UInt8 = 1
        _ = write(wakeUp, &byte, 1)
    }

    fileprivate var hasWork: Bool { work.withLock { !$0.jobs.isEmpty || $0.isEnd } }

    fileprivate func takeWork() -> (jobs: [Job], isEnd: Bool) {
        work.withLock { work in
            // From here on, the loop must be woken again.
            work.isAnnounced = false
            defer { work.jobs.removeAll(keepingCapacity: true) }
            return (work.jobs, work.isEnd)
        }
    }
}
