import Foundation
import JSON
import Orders
import Synchronization
import Testing

@testable import PostgresStorage

/// Readers and a writer that keep running while something happens to the database.
///
/// One order is written again and again with an increasing number. A read never returns a number older than the one acknowledged
/// before the read began; a temporary failure is distinguished from a wrong answer.
final class Load: Sendable {
    struct Report {
        var reads = 0
        var failedReads = 0
        var writes = 0
        var failedWrites = 0
        var wrong: [String] = []
        /// The longest time without a successful read.
        var longestPause = Duration.zero
    }

    static let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!

    private let report = Mutex(Report())
    private let acknowledged = Atomic<Int>(0)
    private let isOver = Atomic<Bool>(false)
    private let lastRead = Mutex(ContinuousClock.now)

    /// Runs the load on the storages, of which the first one is written to, while `body` runs and until everything has recovered.
    /// - Returns: a report; reads and writes have succeeded after `body`.
    func run(_ storages: [PostgresStorage], writing: Bool = true, _ body: () async throws -> Void) async throws -> Report {
        try await storages[0].add([order(Self.id, notes: "0", updated: Timestamp(seconds: 1_700_000_000))])
        let tasks = (0..<8).map { number in Task { await read(storages[number % storages.count]) } }
        let writer = writing ? Task { await write(storages[0]) } : nil
        try await Task.sleep(for: .milliseconds(300))
        do {
            try await body()
            let before = report.withLock { $0 }
            // The database is back, so reads and writes must be too.
            let deadline = ContinuousClock.now + .seconds(15)
            while .now < deadline {
                let now = report.withLock { $0 }
                if now.reads > before.reads + 50, !writing || now.writes > before.writes + 2 { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(report.withLock { $0.reads } > before.reads + 50, "reads did not come back")
            if writing { #expect(report.withLock { $0.writes } > before.writes + 2, "writes did not come back") }
        } catch {
            Issue.record(error)
        }
        isOver.store(true, ordering: .relaxed)
        for task in tasks { await task.value }
        await writer?.value
        let last = acknowledged.load(ordering: .relaxed)
        let kept = try await number(on: storages[0])
        #expect(kept >= last, "an acknowledged write was lost")
        return report.withLock { $0 }
    }

    private func number(on storage: PostgresStorage) async throws -> Int {
        guard case .string(let text)? = try await storage.notes(Self.id), let number = Int(text) else { return -1 }
        return number
    }

    private func read(_ storage: PostgresStorage) async {
        while !isOver.load(ordering: .relaxed) {
            let least = acknowledged.load(ordering: .relaxed)
            do {
                let number = try await number(on: storage)
                let pause = lastRead.withLock { last in
                    defer { last = .now }
                    return last.duration(to: .now)
                }
                report.withLock { report in
                    report.reads += 1
                    report.longestPause = max(report.longestPause, pause)
                    if number < least { report.wrong.append("\(number) after \(least)") }
                }
            } catch {
                report.withLock { $0.failedReads += 1 }
                if !(error is StorageFailure) { report.withLock { $0.wrong.append("\(error)") } }
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    private func write(_ storage: PostgresStorage) async {
        var number = 0
        while !isOver.load(ordering: .relaxed) {
            number += 1
            do {
                let time = Timestamp(seconds: 1_700_000_000 + Int64(number))
                try await storage.add([order(Self.id, notes: "\(number)", updated: time)])
                acknowledged.store(number, ordering: .relaxed)
                report.withLock { $0.writes += 1 }
            } catch {
                report.withLock { $0.failedWrites += 1 }
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
