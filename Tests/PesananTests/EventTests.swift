import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `The command events` {
    private let folder: TemporaryFolder
    private let id = "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b"
    private var data: String { folder.path("data") }

    init() throws {
        folder = try TemporaryFolder()
        _ = try Pesanan.run("import", "stores", "-", "--data", data, input: Fixture.store().encoded)
        try write(.string(id), "2026-03-01T00:00:00Z", "pending")
        try write(77, "2026-03-01T00:00:00Z", "pending")
    }

    private func write(_ id: JSON, _ updated: String, _ status: String) throws {
        let order = Fixture.order(id: id, updated: updated, ["status": .string(status)])
        #expect(try Pesanan.run("import", "orders", "-", "--data", data, input: order.encoded).status == 0)
    }

    private func lines(_ arguments: String...) throws -> [String] {
        let outcome = try Pesanan.run(["events", "--store", "store_A", "--data", data] + arguments)
        #expect(outcome.errors == "")
        #expect(outcome.status == 0)
        return outcome.output.split(separator: "\n").map(String.init)
    }

    @Test func `prints what changed, of a store or of one order`() throws {
        try write(.string(id), "2026-03-02T00:00:00Z", "shipped")
        let all = try lines()
        #expect(all.count == 4)
        #expect(all[0].hasPrefix("1  "))
        #expect(all[0].hasSuffix("  \(id)  #1  order.created  status none -> pending  payment_status none -> unpaid  by import"))
        #expect(all[3].hasSuffix("  \(id)  #3  order.status_changed  status pending -> shipped  by import"))
        #expect(try lines("--order", id) == [all[0], all[2], all[3]])
        #expect(try lines("--order", "77") == [all[1]])
        #expect(try lines("--after", "3") == [all[3]])
        #expect(try lines("--order", id, "--after", "1") == [all[2], all[3]])
    }

    @Test func `prints JSON for programs`() throws {
        let events = try lines("--json").map { try JSON(parsing: Array($0.utf8)) }
        #expect(events.count == 2)
        guard case .string(let at)? = events[0]["at"] else { throw CocoaError(.coderReadCorrupt) }
        let version = JSON.number(String(try #require(Timestamp(at)).microseconds))
        #expect(
            events[0] == [
                "position": 1, "order_id": .string(id), "number": 1, "event": "order.created", "version": version,
                "status": ["from": .null, "to": "pending"], "payment_status": ["from": .null, "to": "unpaid"],
                "actor": "import", "at": .string(at),
            ])
    }

    @Test func `follows what happens`() throws {
        let process = Pesanan.process("events", "--store", "store_A", "--data", data, "--after", "1", "--follow", "--json")
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer { process.terminate() }
        var lines = Lines(pipe)
        #expect(lines.next().contains(#""position":2,"#))
        try write(.string(id), "2026-03-02T00:00:00Z", "shipped")
        #expect(lines.next().contains(#""position":3,"#))
        #expect(lines.next().contains(#""status":{"from":"pending","to":"shipped"}"#))
    }

    @Test func `says what it can't find or read`() throws {
        let cases = [
            (["--store", "store_B"], Int32(1), "there is no store store_B"),
            (["--store", "store_A", "--order", "78"], 1, "the store has no such order"),
            (["--store", "store_A", "--order", "a b"], 64, "--order must be an order's id"),
            (["--store", "store_A", "--after", "-1"], 64, "--after"),
        ]
        for (arguments, status, words) in cases {
            let outcome = try Pesanan.run(["events", "--data", data] + arguments)
            #expect(outcome.status == status)
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.output == "")
        }
    }
}

/// The lines that come through a pipe, each when it is there.
private struct Lines {
    private let file: FileHandle
    private var pending = Data()

    init(_ pipe: Pipe) { file = pipe.fileHandleForReading }

    /// The next line; empty after the last.
    mutating func next() -> String {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                defer { pending = Data(pending[(end + 1)...]) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            let more = file.availableData
            guard !more.isEmpty else { return "" }
            pending += more
        }
    }
}
