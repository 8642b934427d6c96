import Foundation
import Orders

/// Says which replicas may be asked: those that were as new as the primary a moment ago.
///
/// A replica is *fresh as of* a moment when it has replayed all that the primary had written by then. It is left out once that lies
/// further back than ``staleness``, and taken back as soon as it does not. While the primary can't be reached the moment of its last word
/// is what counts: nobody can write then.
final class ReplicaWatch: Driven {
    /// What a replica may be behind.
    static let staleness = Duration.seconds(1)
    /// How long after a write nobody can be given what was before it any more, wherever it is read.
    static let settling = staleness + pause + .milliseconds(250)

    private static let pause = Duration.milliseconds(250)
    /// Between two questions to a replica that was not as far yet.
    private static let shortPause = Duration.milliseconds(20)

    private struct Replica {
        /// What it has to reach: the primary's position, and when that was asked for.
        var goal: (position: Int64, asOf: ContinuousClock.Instant)?
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
    private var isPrimaryAsked = false
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
            if !isPrimaryAsked {
                isPrimaryAsked = true
                ask(.primaryPosition, .primary) { $0.primaryAnswered($1, asked: now) }
            }
            chooseReplicas(now)
        }
        for (number, replica) in replicas where replica.goal != nil && !replica.isAsked && replica.nextQuestion <= now {
            replicas[number]?.isAsked = true
            ask(.replicaPosition, .server(number)) { $0.replicaAnswered(number, $1) }
        }
    }

    func end() {}

    private func ask(
        _ statement: ReadStatement, _ target: ReadRequest.Target,
        _ receive: @escaping @Sendable (ReplicaWatch, PostgresResult?) -> Void
    ) {
        let handle = loop.handle
        reads.submit(
            ReadRequest(statement, [], target: target) { result in
                let result = try? result.get()
                handle.run { loop in
                    if let watch = loop.first(where: { $0 is ReplicaWatch }) as? ReplicaWatch { receive(watch, result) }
                }
            })
    }

    private func primaryAnswered(_ result: PostgresResult?, asked: ContinuousClock.Instant) {
        isPrimaryAsked = false
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
        if row.integer(1) >= goal.position {
            replica.freshAsOf = goal.asOf
            replica.goal = nil
        }
    }

    private func chooseReplicas(_ now: ContinuousClock.Instant) {
        guard let primary else { return }
        let moment = reads.hasPrimary ? now : primary.asOf
        reads.fitReplicas = Set(replicas.filter { $0.value.freshAsOf.map { $0 + Self.staleness >= moment } ?? false }.keys)
    }
}
