import Accounts
import JSON
import Orders
import SQLStorage
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

@Suite struct `A pool of connections` {
    @Test func `still serves keys and accounts after lock waits that failed`() async throws {
        let (storage, database) = try await emptyStorage()
        try await storage.add([order(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!)])
        let key = SigningKey()
        _ = try await storage.keyRing(orElse: key)
        let accounts: any AccountStorage = storage.accounts
        let blocking = try await Session(storage.address, on: storage.loop)
        for _ in 1...6 {
            try await blocking.runScript("BEGIN; LOCK TABLE pesanan.signing_key IN ROW EXCLUSIVE MODE")
            let reading = Task { try await storage.keyRing(orElse: key) }
            try await whenOneWaits("pg_cancel_backend(pid)", in: database)
            await #expect(throws: StorageFailure.busy) { try await reading.value }
            try await blocking.runScript("COMMIT")
            #expect(try await accounts.change(ProfileChange([.name: "x"]), of: buyer, at: .now))
            #expect(try await storage.keyRing(orElse: key).ids == [key.id])
        }
    }

    @Test func `detects connections that the server has closed, and replaces them`() async throws {
        let (storage, database) = try await emptyStorage()
        try await storage.add([order(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!)])
        let accounts: any AccountStorage = storage.accounts
        let key = SigningKey()
        for turn in 0..<3 {
            // Many at once, so that all connections are opened, and found closed the next time.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { _ = try await accounts.change(ProfileChange([.name: "x"]), of: buyer, at: .now) }
                    group.addTask { _ = try await storage.keyRing(orElse: key) }
                }
                try await group.waitForAll()
            }
            let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1c")!
            let write = OrderWrite([try order(id, updated: .now)], allOrNothing: true, at: .now)
            #expect(try await storage.write(write) == .written([turn == 0 ? .created : .replaced]))
            _ = try await storage.spend(1, by: "x", in: Fixture.storeID, most: 1_000_000)
            _ = try await accounts.accessNews(since: -1, at: .now)
            try await storage.make([OrderPartition(at: Timestamp(seconds: 1_000_000_000 + Int64(turn) * 3_000_000))])
            try await Cluster.shared().run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
                in: database)
        }
        #expect(try await accounts.change(ProfileChange([.name: "x"]), of: buyer, at: .now))
    }
}

@Suite struct `A session` {
    /// It drives the session.
    private let storage: PostgresStorage
    private let database: String
    private let session: Session

    init() async throws {
        (storage, database) = try await emptyStorage()
        session = try await Session(storage.address, on: storage.loop)
    }

    private func integers(_ results: [PostgresResult]) -> [Int64] { results.map { $0[0].integer(0) } }

    @Test func `gives the results of statements sent at once in their order`() async throws {
        for _ in 1...2 {
            let results = try await session.run(
                (1...5).map { Statement("SELECT $1 * 2", .integer($0)) } + [Statement("SELECT 7::bigint")]
                    + [Statement("CREATE TEMP TABLE IF NOT EXISTS told (n bigint)"), Statement("INSERT INTO told VALUES (1)")]
                    + [Statement("SELECT count(*) FROM generate_series(1, $1)", .integer(9))])
            #expect(integers(results) == [2, 4, 6, 8, 10, 7, 0, 0, 9])
        }
        #expect(try await session.run("SELECT count(*) FROM told")[0].integer(0) == 2)
        #expect(try await session.run([]).isEmpty)
    }

    @Test(arguments: ["SELECT 1 / $1", "SELECT nothing($1::bigint)"])
    func `fails with the error of the first statement that fails, and goes on`(failing: String) async throws {
        let (before, after) = (Statement("SELECT $1 + 1", .integer(1)), Statement("SELECT $1 + 2", .integer(1)))
        try await session.runScript("CREATE TEMP TABLE told (n bigint)")
        let tell = Statement("INSERT INTO told VALUES (1)")
        for _ in 1...2 {
            let error = await #expect(throws: PostgresError.self) {
                try await session.inTransaction {
                    try await session.run([before, tell, Statement(failing, .integer(0)), after, Statement("SELECT 1 / 0"), tell])
                }
            }
            #expect(error?.state == (failing == "SELECT 1 / $1" ? "22012" : "42883"))
        }
        // Whatever was prepared in a group that failed works in others.
        #expect(integers(try await session.run([after, before, tell])) == [3, 2, 0])
        #expect(integers([try await session.run("SELECT 1 / $1", .integer(1))]) == [1])
        #expect(try await session.run("SELECT count(*) FROM told")[0].integer(0) == 1)
    }

    @Test func `sends and receives large groups`() async throws {
        let megabytes = [UInt8](repeating: 7, count: 5 << 20)
        let large = try await session.run((1...4).map { _ in Statement("SELECT $1", .bytes(megabytes)) })
        #expect(large.map { $0[0].bytes(0) == megabytes } == [true, true, true, true])
        let many = try await session.run(
            (0..<3000).map { Statement("SELECT $1, $2", .integer($0), .bytes([UInt8](megabytes[..<4096]))) })
        #expect(integers(many) == Array(0..<3000))
    }

    @Test func `ends with its connection in the middle of a group`() async throws {
        let end = Statement("SELECT pg_terminate_backend(pg_backend_pid())")
        let error = await #expect(throws: PostgresError.self) {
            try await session.run([Statement("SELECT 1"), end, Statement("SELECT 2"), Statement("SELECT pg_sleep(5)")])
        }
        #expect(error?.endsConnection == true)
        await #expect(throws: PostgresError.self) { try await session.run("SELECT 1") }
    }

    @Test func `inserts the same rows as it copies`() async throws {
        func rows(of store: String) -> NewRows {
            NewRows(in: .named("audit_record"), Array(0..<3)) { number, row in
                row.append(store)
                row.append([UInt8](repeating: 9, count: number))
                row.append(number == 1 ? nil : Int64(number) - 1)
                row.append(number == 2 ? "" : "été")
                row.append(Int64.min + Int64(number))
                row.append(number == 0 ? nil : "{NULL,\"\\}")
            }
        }
        try await session.copy(rows(of: "a"))
        try await session.run(rows(of: "b").insertions() + rows(of: "b").insertions(.kept))
        let count = "SELECT count(*), count(DISTINCT (id, customer_id, kind, at, client)) FROM pesanan.audit_record"
        #expect(try await Cluster.shared().run(count, in: database) == "6|3\n")
        await #expect(throws: PostgresError.self) { try await session.run(rows(of: "b").insertions()) }
        try await session.run(rows(of: "b").insertions(.replaced(if: "audit_record.customer_id IS NULL")))
        #expect(try await Cluster.shared().run(count, in: database) == "6|3\n")
    }
}
