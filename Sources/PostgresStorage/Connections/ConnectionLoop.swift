import Foundation
import Orders
import Synchronization

/// Something that a ``ConnectionLoop`` drives: it waits for a socket, a moment or both.
protocol Driven: AnyObject {
    /// The socket and what of it is waited for (`POLLIN`, `POLLOUT`); `nil` where there is none.
    var socket: (descriptor: Int32, events: Int16)? { get }
    /// When it wants its turn whatever the socket says.
    var deadline: ContinuousClock.Instant? { get }
    /// Its turn, whatever it was that happened on the loop.
    /// - Parameter isReady: whether its socket can be read or written.
    func advance(_ now: ContinuousClock.Instant, isReady: Bool)
    /// The loop ends: whoever still waits is told.
    func end()
}

/// One thread that drives all connections of a storage: nobody else ever waits for a socket.
///
/// All that is driven lives on this thread alone; ``LoopHandle`` brings it work from others.
final class ConnectionLoop {
    let handle: LoopHandle
    /// Where lookups go.
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

    /// Has the thread begin when a core is free rather than at once, in the middle of what another thread is doing: the lookups that come
    /// meanwhile go out in one group, which is most of what they cost.
    private func letOthersFinish() {
        #if os(Linux)
            // `SCHED_BATCH` of sched(7), by a name that Swift does not see.
            let batch: Int32 = 3
            var parameters = sched_param()
            var policy = SCHED_OTHER
            // What the operator chose stays.
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
        // Rounded up, so that the deadline has passed when the wait is over.
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

/// Brings work to a ``ConnectionLoop`` from any thread.
final class LoopHandle: Sendable {
    typealias Job = @Sendable (ConnectionLoop) -> Void

    private struct Work {
        var jobs: [Job] = []
        var isEnd = false
        /// Whether the loop was told already.
        var isAnnounced = false
    }

    private let work = Mutex(Work())
    private let wakeUp: Int32

    private init(wakeUp: Int32) { self.wakeUp = wakeUp }

    deinit { close(wakeUp) }

    /// Starts a loop on a thread of its own.
    /// - Throws: ``StorageFailure`` where the system has no descriptors left.
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

    /// Has the loop do something on its thread.
    func run(_ job: @escaping Job) {
        announce { $0.jobs.append(job) }
    }

    /// Has the loop end after what it was given so far.
    func end() {
        announce { $0.isEnd = true }
    }

    private func announce(_ change: (inout Work) -> Void) {
        let isFirst = work.withLock { work in
            // Whoever comes after the end can be no more than a connection that is given up, and those ended with the loop.
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
            // From here on the loop has to be told again.
            work.isAnnounced = false
            defer { work.jobs.removeAll(keepingCapacity: true) }
            return (work.jobs, work.isEnd)
        }
    }
}
