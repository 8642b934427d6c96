import Foundation
import Orders

/// Decides which replicas may be read: those that were up to date with the primary a moment ago.
///
/// The primary's *beat* is a number in a row that is incremented a few times a second. A replica that has replayed a beat is
/// *fresh as of* the moment that beat was requested: it has everything committed by then, and follows this primary and no other
/// history. It is left out while that moment is further back than ``staleness``.
///
/// If the primary stops responding, replicas that were up to date at its last response continue for up to ``endurance``.
final class ReplicaWatch: Driven {
    /// The maximum lag of a replica.
    static let staleness = Duration.seconds(1)
    /// The time after a write by which no read returns the state before it any more, whichever server answers.
    static let settling = staleness + pause + .milliseconds(250)

    /// How long replicas are read without a response from the primary.
    static let endurance = Duration.seconds(60)

    private static let pause = Duration.milliseconds(250)
    /// The delay between two questions to a replica that lags behind.
    private static let shortPause = Duration.milliseconds(20)

    private struct Replica {
        /// The beat that it has to replay, and when that beat was requested.
        var goal: (beat: Int64, asOf: ContinuousClock.Instant)?
        var freshAsOf: ContinuousClock.Instant?
        var isAsked = false
        var nextQuestion = ContinuousClock.now
    }

    private unowned let reads: Reads
    private unowned let loop: ConnectionLoop
    /// By server number; the first replica has 1.
    private var replicas: [Int: Replica]
    /// The primary's last response: when it was requested, and the id of the database.
    private var primary: (asOf: ContinuousClock.Instant, installation: UUIDBytes)?
    /// Since when a response of the primary is pending.
    private var primaryAsked: ContinuousClock.Instant?
    private var nextQuestion = ContinuousClock.now

    init(_ reads: Reads, replicas count: Int, _ loop: ConnectionLoop) {
        self.reads = reads
        self.loop = loop
        replicas = Dictionary(uniqueKeysWithValues: (1...count).map { ($0, Replica()) })
    }

    let socket: (descriptor: Int32, events: Int16)? = nil

    var deadline: ContinuousClock.Instant? {
        let questions = replicas.values.filter { $0.goal != nil && !$0.isAsked }.map(\.nextQuestion)
        return min(nextQuestion, questions.min() ?? nextQuestion)
    }

    func advance(_ now: ContinuousClock.Instant, isReady: Bool) {
        if nextQuestion <= now {
            nextQuestion = now + Self.pause
            if primaryAsked == nil {
                primaryAsked = now
                ask(.beat, [.integer(Timestamp.now.microseconds)], .primary) { $0.primaryAnswered($1, asked: now) }
            }
            chooseReplicas(now)
        }
        for (number, replica) in replicas where replica.goal != nil && !replica.isAsked && replica.nextQuestion <= now {
            replicas[number]?.isAsked = true
            ask(.replayedBeat, [], .server(number)) { $0.replicaAnswered(number, $1) }
        }
    }

    func end() {}

    private func ask(
        _ statement: ReadStatement, _ parameters: [PostgresValue], _ target: ReadQuestion.Target,
        _ receive: @escaping @Sendable (ReplicaWatch, PostgresResult?) -> Void
    ) {
        let handle = loop.handle
        let lookup = ReadQuestion.Lookup(statement: statement, parameters: parameters, target: target)
        let waiter = ReadQuestion.Waiter(deadline: .now + ReadQuestion.patience) { result in
            let result = try? result.get()
            handle.run { loop in
                if let watch = loop.first(where: { $0 is ReplicaWatch }) as? ReplicaWatch { receive(watch, result) }
            }
        }
        // Bypasses the gate: however many callers wait there, the set of usable replicas must be known.
        reads.submit(ReadQuestion(lookup, waiter))
    }

    private func primaryAnswered(_ result: PostgresResult?, asked: ContinuousClock.Instant) {
        primaryAsked = nil
        guard let result, result.rowCount == 1, let installation = result[0].uuid(1) else { return }
        primary = (asked, installation)
        for number in replicas.keys where replicas[number]?.goal == nil {
            replicas[number]?.goal = (result[0].integer(0), asked)
        }
        chooseReplicas(.now)
    }

    private func replicaAnswered(_ number: Int, _ result: PostgresResult?) {
        guard var replica = replicas[number], let goal = replica.goal else { return }
        defer { replicas[number] = replica }
        replica.isAsked = false
        replica.nextQuestion = .now + (result == nil ? Self.pause : Self.shortPause)
        guard let result, result.rowCount == 1 else { return }
        let row = result[0]
        // Neither a promoted server nor one of another database.
        guard row.bool(0), row.uuid(2) == primary?.installation else {
            replica.freshAsOf = nil
            replica.nextQuestion = .now + Self.pause
            return
        }
        if row.integer(1) >= goal.beat {
            replica.freshAsOf = goal.asOf
            replica.goal = nil
        }
    }

    private func chooseReplicas(_ now: ContinuousClock.Instant) {
        guard let primary else { return }
        let isSilent = !reads.hasPrimary || primaryAsked.map { $0 + Self.staleness < now } ?? false
        let moment = isSilent && primary.asOf + Self.endurance >= now ? primary.asOf : now
        reads.fitReplicas = Set(replicas.filter { $0.value.freshAsOf.map { $0 + Self.staleness >= moment } ?? false }.keys)
    }
}
