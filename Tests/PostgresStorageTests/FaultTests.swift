import Accounts
import Foundation
import JSON
import Orders
import SQLStorage
import Synchronization
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

@Suite(.serialized) struct `When the database fails` {
    private func storage(_ clusters: Cluster..., replicas: [Cluster] = [], connections: Int = 3) async throws -> PostgresStorage {
        let hosts = clusters.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        let address = try #require(PostgresAddress("postgres://pesanan:pesanan@\(hosts)/postgres"))
        return try await PostgresStorage(
            address, replicas: replicas.map { try #require(PostgresAddress($0.url())) }, connections: connections)
    }

    private func show(_ report: Load.Report, _ what: String) {
        #expect(report.wrong.isEmpty, "\(report.wrong.prefix(5))")
        print(
            "\(what): \(report.reads) reads, \(report.failedReads) failed, \(report.writes) writes, \(report.failedWrites) failed, "
                + "longest pause \(report.longestPause)")
    }

    @Test func `and is killed, everything recovers with it`() async throws {
        let cluster = try await Cluster()
        let report = try await Load().run([storage(cluster)]) {
            try cluster.crash()
            try await Task.sleep(for: .seconds(1))
            try await cluster.start()
        }
        show(report, "killed")
    }

    @Test func `and its standby takes over, everything continues there`() async throws {
        let first = try await Cluster()
        let second = try await Cluster(following: first)
        let report = try await Load().run([storage(first, second)]) {
            try await first.stop()
            try await second.promote()
        }
        show(report, "switched over")
    }

    @Test func `and connections are cut, reads do not even notice`() async throws {
        let cluster = try await Cluster()
        let report = try await Load().run([storage(cluster)]) {
            for _ in 1...10 {
                try await cluster.run(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'pesanan'")
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        show(report, "cut")
        #expect(report.failedReads == 0)
    }

    @Test func `and no connection is left, existing ones continue and the others recover`() async throws {
        let cluster = try await Cluster(["max_connections=12", "superuser_reserved_connections=2"])
        try await cluster.run("CREATE ROLE shop LOGIN PASSWORD 'pesanan'; GRANT CREATE ON DATABASE postgres TO shop")
        let address = try #require(PostgresAddress("postgres://shop:pesanan@127.0.0.1:\(cluster.port)/postgres"))
        let storage = try await PostgresStorage(address, connections: 3)
        try await storage.add([order(Load.id, notes: "1")])
        // Each is held by one caller, so that no connection is left when one is refused.
        var held: [any StorageImport] = []
        let failure = await #expect(throws: StorageFailure.self) {
            while held.count < 20 { held.append(try await storage.beginImport(allOrNothing: false)) }
        }
        #expect(failure?.description.contains("max_connections") == true, "\(failure?.description ?? "")")
        await #expect(throws: StorageFailure.self) { _ = try await PostgresStorage(address, connections: 1) }
        #expect(try await storage.notes(Load.id) == "1")
        held = []
        try await retrying { try await storage.add([order(Load.id, notes: "2", updated: .now)]) }
        #expect(try await storage.notes(Load.id) == "2")
    }

    @Test func `and a lock is held for seconds, reads fail and recover`() async throws {
        let cluster = try await Cluster()
        let report = try await Load().run([storage(cluster)], writing: false) {
            try await cluster.run(
                "BEGIN; LOCK TABLE pesanan.store IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(5); COMMIT")
        }
        show(report, "locked")
        #expect(report.failedReads > 0)
    }

    @Test func `and a replica is suspended, reads go to the primary and later back`() async throws {
        let primary = try await Cluster()
        let replica = try await Cluster(following: primary)
        let storages = [try await storage(primary, replicas: [replica]), try await storage(primary, replicas: [replica])]
        let report = try await Load().run(storages) {
            try await Task.sleep(for: .seconds(1))
            try await replica.pause(true)
            try await Task.sleep(for: .seconds(3))
            try await replica.pause(false)
            try await Task.sleep(for: .seconds(1))
        }
        show(report, "replica held still")
        #expect(report.failedReads == 0)
        try await expectReplicaServes(storages[0], whilePrimaryIsDown: primary)
    }

    @Test func `and a replica lags, nobody sees data from before their own write`() async throws {
        let primary = try await Cluster()
        let replica = try await Cluster(following: primary)
        let storages = [try await storage(primary, replicas: [replica]), try await storage(primary, replicas: [replica])]
        let report = try await Load().run(storages) {
            for _ in 1...2 {
                try await Task.sleep(for: .seconds(1))
                try await replica.run("SELECT pg_wal_replay_pause()")
                try await Task.sleep(for: .seconds(3))
                try await replica.run("SELECT pg_wal_replay_resume()")
            }
        }
        show(report, "replica lags")
        #expect(report.failedReads == 0)
    }

    @Test func `and is down, a replica that was up to date continues to answer`() async throws {
        let primary = try await Cluster()
        let replica = try await Cluster(following: primary)
        let storage = try await storage(primary, replicas: [replica])
        try await storage.add([order(Load.id, notes: "1")])
        try await Task.sleep(for: .seconds(1))
        try await expectReplicaServes(storage, whilePrimaryIsDown: primary)
    }

    @Test func `a replica of another database is never used`() async throws {
        let primary = try await Cluster()
        let stranger = try await Cluster()
        let strangerStandby = try await Cluster(following: stranger)
        try await storage(stranger).add([order(Load.id, notes: "wrong")])
        let storage = try await storage(primary, replicas: [stranger, strangerStandby])
        try await storage.add([order(Load.id, notes: "right")])
        for _ in 1...100 {
            #expect(try await storage.notes(Load.id) == "right")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func `a replica of the history before a failover is never used`() async throws {
        let first = try await Cluster()
        let second = try await Cluster(following: first)
        let ahead = try await Cluster(following: first)
        let before = try await storage(first)
        try await before.add([order(Load.id, notes: "old", updated: Timestamp(seconds: 1))])
        try await second.stop()
        // The second standby never receives this: it keeps the other standby ahead of the new primary for a long time.
        try await first.run("CREATE TABLE filler AS SELECT generate_series(1, 60000) n")
        try await Task.sleep(for: .seconds(1))
        try await first.stop("immediate")
        try await second.start()
        try await second.promote()
        let after = try await storage(second, replicas: [ahead])
        try await after.add([order(Load.id, notes: "new", updated: Timestamp(seconds: 2))])
        for _ in 1...60 {
            #expect(try await after.notes(Load.id) == "new")
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test func `and does not answer at all, reads still end and recover`() async throws {
        let primary = try await Cluster()
        for connections in [1, 3] {
            let storage = try await storage(primary, connections: connections)
            try await storage.add([order(Load.id, notes: "1")])
            #expect(try await storage.notes(Load.id) == "1")
            let accounts: any AccountStorage = storage.accounts
            _ = try await accounts.accessNews(since: -1, at: .now)
            try await primary.pause(true)
            await #expect(throws: StorageFailure.self) { try await storage.notes(Load.id) }
            // However many wait for the few connections, each is told at the same moment, and nothing is written afterwards.
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        await #expect(throws: StorageFailure.self) { try await accounts.accessNews(since: -1, at: .now) }
                        let change = ProfileChange([.name: "Late"])
                        await #expect(throws: StorageFailure.self) { try await accounts.change(change, of: buyer, at: .now) }
                    }
                }
                try await group.waitForAll()
            }
            print("held still: forty calls of accounts failed in \(start.duration(to: .now))")
            try await primary.pause(false)
            try await retrying { _ = try await accounts.profile(of: buyer, at: .now) }
            let profile = try #require(try await accounts.profile(of: buyer, at: .now))
            #expect(!String(decoding: profile.document, as: UTF8.self).contains("Late"))
            try await retrying { _ = try await storage.notes(Load.id) }
            try await retrying { _ = try await accounts.accessNews(since: -1, at: .now) }
            // Nobody sends requests in the meantime: the connections recover by themselves.
            try await primary.stop("immediate")
            try await Task.sleep(for: .milliseconds(500))
            try await primary.start()
            try await Task.sleep(for: .seconds(2))
            #expect(try await storage.notes(Load.id) == "1")
        }
    }

    @Test func `and is killed and cut off, no acknowledged change of accounts is lost`() async throws {
        let cluster = try await Cluster()
        let storage = try await storage(cluster)
        try await storage.add([order(Load.id, notes: "1")])
        let accounts: any AccountStorage = storage.accounts
        let told = Told()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    while !told.isOver.load(ordering: .relaxed) {
                        let key = StorefrontKey()
                        do {
                            if try await accounts.add(key, to: Fixture.storeID, until: nil, at: .now) {
                                told.keys.withLock { _ = $0.insert(key.text) }
                            }
                        } catch {
                            #expect(error is StorageFailure, "\(error)")
                            try? await Task.sleep(for: .milliseconds(20))
                        }
                    }
                }
            }
            group.addTask {
                do {
                    for _ in 1...5 {
                        try await cluster.run(
                            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'pesanan'")
                        try await Task.sleep(for: .milliseconds(100))
                    }
                    try cluster.crash()
                    try await Task.sleep(for: .milliseconds(500))
                    try await cluster.start()
                    let before = told.keys.withLock { $0.count }
                    try await retrying {
                        if told.keys.withLock({ $0.count }) < before + 20 { throw StorageFailure.busy }
                    }
                } catch {
                    Issue.record(error)
                }
                told.isOver.store(true, ordering: .relaxed)
            }
        }
        let kept = Set(try await accounts.storefrontKeys(of: Fixture.storeID).map(\.text))
        #expect(told.keys.withLock { $0 }.isSubset(of: kept))
        #expect(told.keys.withLock { $0.count } > 50)
    }

    private func expectReplicaServes(_ storage: PostgresStorage, whilePrimaryIsDown primary: Cluster) async throws {
        try primary.crash()
        for _ in 1...50 {
            #expect(try await storage.notes(Load.id) != nil)
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// Retries until it succeeds, for up to ten seconds.
private func retrying(_ body: @Sendable () async throws -> Void) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
        do { return try await body() } catch {
            if .now > deadline { throw error }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// The changes that were acknowledged to users of the accounts.
private final class Told: Sendable {
    let isOver = Atomic<Bool>(false)
    let keys = Mutex<Set<String>>([])
}
