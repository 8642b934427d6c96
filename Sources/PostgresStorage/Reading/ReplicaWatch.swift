import Foundation
import Orders

/// Says which replicas may be asked: those that were as new as the primary a moment ago.
///
/// The primary's *beat* is a number in a row that is raised a few times a second. A replica is *fresh as of* the moment at which a beat
/// was asked for when it has replayed that beat: so it has everything that was committed by then, and follows this primary and no other
/// history. It is left out once that moment lies further back than ``staleness``, and taken back as soon as it does not.
///
/// While the primary does not answer, replicas that were as new as its last word go on for up to ``endurance``.
final class ReplicaWatch: Driven {
    /// What a replica may be behind.
    static let staleness = Duration.seconds(1)
    /// How long after a write nobody can be given what was before it any more, wherever it is read.
    static let settling = staleness + pause + .milliseconds(250)

    /// How long replicas are asked without a word from the primary.
    static let endurance = Duration.seconds(60)

    private static let pause = Duration.milliseconds(250)
    /// Between two questions to a replica that was not as far yet.
    private static let shortPause = Duration.milliseconds(20)

    private struct Replica {
        /// The beat that it has to replay, and when that was asked for.
        var goal: (beat: Int64, asOf: ContinuousClock.Instant)?
        var freshAsOf: ContinuousClock.Instant?
        var isAsked = false
        var nextQuestion = ContinuousClock.now
    }

    private unowned let reads: Reads
    private unowned let loop: ConnectionLoop
    /// By their place among the servers, the first of them 1.
    private var replicas: [Int: Replica]
    /// The last answer of the primary: when it was asked for, and which database it is.
    private var primary: (asOf: ContinuousClock.Instant, installation: UUIDBytes)?
    /// Since when an answer of the primary is waited for.
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
        // Past the gate: however many wait there, it has to be known which replicas may be asked.
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
        // Neither a server that was promoted nor another database's.
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
