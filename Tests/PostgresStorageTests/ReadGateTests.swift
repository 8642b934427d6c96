import Foundation
import Orders
import Synchronization
import TestFixtures
import Testing

@testable import PostgresStorage

@Suite(.serialized) struct `The gate of lookups` {
    @Test func `accepts no more lookups than its capacity`() async throws {
        let (storage, _) = try await emptyStorage(connections: 1)
        try await storage.add([order(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!)])
        let blocking = try await Session(storage.address, on: storage.loop)
        try await blocking.runScript("BEGIN; LOCK TABLE pesanan.customer IN ACCESS EXCLUSIVE MODE")
        let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<(ReadGate.capacity + 200) {
                group.addTask {
                    do { return "\(try await storage.hasCustomer(buyer))" } catch { return "\(error)" }
                }
            }
            var outcomes: [String: Int] = [:]
            for try await outcome in group {
                outcomes[outcome, default: 0] += 1
                if outcomes.count == 1, outcomes.values.first == 200 { try await blocking.runScript("COMMIT") }
            }
            return outcomes
        }
        #expect(outcomes["true"] == ReadGate.capacity, "\(outcomes)")
        #expect(outcomes["\(StorageFailure(PostgresError.overloaded))"] == 200, "\(outcomes)")
        #expect(try await storage.hasCustomer(buyer))
    }

    @Test func `lets all who waited for one lookup submit another`() async throws {
        let (storage, _) = try await emptyStorage(connections: 1)
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        try await storage.add([order(id)])
        // From here on, it first checks whether anything has been written.
        _ = try await storage.order(.id(id), for: buyer)
        let writing = try await Session(storage.address, on: storage.loop)
        try await writing.runScript(
            "BEGIN; LOCK TABLE pesanan.store IN ACCESS EXCLUSIVE MODE; UPDATE pesanan.store SET changed_at = changed_at + 1")
        let count = ReadGate.capacity - 100
        let found = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<count {
                group.addTask { try await storage.order(.id(id), for: buyer) != nil }
            }
            #expect(try await eventually { storage.reads.waiting == count })
            try await writing.runScript("COMMIT")
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(found == count)
        #expect(try await eventually { storage.reads.waiting == 0 })
    }

    /// A gate whose loop has ended, so that only the test takes questions from it.
    private func gate() throws -> ReadGate {
        let loop = try LoopHandle.start()
        loop.end()
        return ReadGate([], connections: 1, on: loop)
    }

    @Test func `merges identical lookups, each with its own deadline`() throws {
        let gate = try gate()
        let lookup = ReadQuestion.Lookup(statement: .storeChange, parameters: [.text("a")])
        let start = ContinuousClock.now
        let answers = Answers()
        for (name, seconds) in [("first", 1), ("second", 3), ("third", 2)] {
            gate.submit(lookup, deadline: start + .seconds(seconds)) { answers.note(name, $0) }
        }
        let question = ReadQuestion(lookup, deadline: start + .seconds(1), at: gate)
        #expect(gate.waiting == 3)
        question.expire(start)
        #expect(answers.texts.isEmpty)

        let sent = question.sent
        question.expire(start + .milliseconds(2500))
        #expect(answers.texts == ["first: late", "third: late"])
        #expect(question.deadline == start + .seconds(3))
        // Expired callers do not make a silent server look as if it had just been asked.
        #expect(question.sent == sent)
        #expect(gate.waiting == 1)

        question.answer(.failure(PostgresError("over")))
        question.answer(.failure(PostgresError("over")))
        #expect(answers.texts == ["first: late", "third: late", "second: over"])
        #expect(!question.isAwaited)
        #expect(gate.waiting == 0)
    }

    @Test func `lets nobody join a sent lookup, or wait past their deadline`() throws {
        let gate = try gate()
        let lookup = ReadQuestion.Lookup(statement: .storeChange, parameters: [.text("a")])
        let start = ContinuousClock.now
        let answers = Answers()
        gate.submit(lookup, deadline: start + .seconds(5)) { answers.note("first", $0) }
        gate.submit(lookup, deadline: start + .seconds(1)) { answers.note("hasty", $0) }
        let other = ReadQuestion.Lookup(statement: .storeChange, parameters: [.text("a")], target: .primary)
        gate.submit(other, deadline: start + .seconds(5)) { answers.note("of the primary", $0) }
        let question = ReadQuestion(lookup, deadline: start + .seconds(5), at: gate)
        question.close()
        gate.submit(lookup, deadline: start + .seconds(5)) { answers.note("later", $0) }
        question.answer(.failure(PostgresError("over")))
        #expect(answers.texts == ["first: over"])
    }
}

/// The callers and their answers, in order.
private final class Answers: Sendable {
    private let noted = Mutex<[String]>([])

    var texts: [String] { noted.withLock { $0 } }

    func note(_ name: String, _ result: Result<PostgresResult, PostgresError>) {
        guard case .failure(let error) = result else { return noted.withLock { $0.append("\(name): rows") } }
        noted.withLock { $0.append("\(name): \(error.message == PostgresError.late.message ? "late" : error.message)") }
    }
}
