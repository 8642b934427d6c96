import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `An import` {
    private let folder: TemporaryFolder
    private var data: String { folder.path("data") }

    init() throws {
        folder = try TemporaryFolder()
        let outcome = try Pesanan.run("import", "stores", "-", "--data", folder.path("data"), input: Fixture.store().encoded)
        #expect(outcome.output == "1 stores: 1 new, 0 replaced, 0 unchanged, 0 refused\n")
        #expect(outcome.status == 0)
    }

    @Test func `changes nothing when repeated, and replaces orders by newer ones`() throws {
        let old = [order(1), order(2)]
        #expect(try take(old).output == "2 orders: 2 new, 0 replaced, 0 unchanged, 0 refused\n")
        #expect(try take(old).output == "2 orders: 0 new, 0 replaced, 2 unchanged, 0 refused\n")
        let newer = [order(1, updated: "2026-03-02T00:00:00Z"), order(2, updated: "2026-02-27T00:00:00Z"), order(3)]
        #expect(try take(newer).output == "3 orders: 1 new, 1 replaced, 1 unchanged, 0 refused\n")
    }

    @Test func `reports a bad line by number, field and reason, and imports the others`() throws {
        let lines: [[UInt8]] = [
            order(1), Array("{".utf8), order(2, ["status": "lost"]), [], Array("  ".utf8), order(3, ["orderlines": [["id": 1]]]),
            Array(order(4).dropLast(20)), Array(#"{"id":1,"id":2}"#.utf8), [UInt8](repeating: UInt8(ascii: "["), count: 1000),
            Array("[1,2]".utf8), Array("7".utf8), order(5, ["store": ["unique_id": "store_other"]]), order(6, ["customer": nil]),
            [0x22, 0xFF, 0x22], order(7, ["customer": ["id": "x"]]), order(8, ["notes": "a\u{0}b"]), order(1),
            order(9, ["created_at": "1969-01-01T00:00:00Z"]), order(10, ["secret_slug": "slug-1"]), order(11, ["id": "x"]),
            order(12),
        ]
        let outcome = try take(lines)
        #expect(outcome.status == 1)
        #expect(outcome.output == "19 orders: 3 new, 0 replaced, 1 unchanged, 15 refused\n")
        let errors = outcome.errors.split(separator: "\n").map(String.init)
        let expected = [
            "line 2: is not JSON: the text ends too early, at byte 1", "line 3: status is none of draft, pending",
            "line 6: orderlines[0].quantity is required", "line 7: is not JSON: ",
            "line 8: is not JSON: a name is there twice in one object",
            "line 9: is not JSON: nested deeper than 64 levels", "line 10: is not a JSON object", "line 11: is not a JSON object",
            "line 12: store.unique_id is that of no store here: import the store first", "line 13: customer is required",
            "line 14: is not JSON: a string is not UTF-8", "line 15: customer.id is not a whole number",
            "line 18: created_at is before 1970", "line 19: secret_slug is already that of another order",
            "line 20: id is neither a UUIDv7 nor a positive integer",
        ]
        #expect(errors.count == expected.count)
        for (error, expected) in zip(errors, expected) { #expect(error.hasPrefix(expected), "\(error)") }
    }

    @Test func `that is strict imports all or nothing`() throws {
        let bad = try take([order(1), order(2, ["status": "lost"]), order(3)], "--strict")
        #expect(bad.status == 1)
        #expect(bad.output == "3 orders: nothing was imported, 1 refused\n")
        let good = try take([order(1), order(3)], "--strict")
        #expect(good.output == "2 orders: 2 new, 0 replaced, 0 unchanged, 0 refused\n")
        #expect(good.status == 0)
    }

    @Test func `skips a line of 50 MB, or of any nesting, without buffering it`() throws {
        let huge = [UInt8](#"{"notes":""#.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 50_000_000) + [UInt8](#""}"#.utf8)
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 3_000_000)
        let outcome = try take([order(1), huge, deep, order(2)])
        #expect(outcome.status == 1)
        #expect(outcome.output == "4 orders: 2 new, 0 replaced, 0 unchanged, 2 refused\n")
        #expect(outcome.errors.hasPrefix("line 2: is longer than 4 MiB\nline 3: is not JSON: nested deeper than 64 levels"))
    }

    @Test func `accepts an array as well as lines, with any line endings`() throws {
        let list = Array("\u{FEFF} [\n".utf8) + order(1) + Array(",\r\n".utf8) + order(2, ["status": "lost"]) + Array("]".utf8)
        let outcome = try take([list])
        #expect(outcome.output == "2 orders: 1 new, 0 replaced, 0 unchanged, 1 refused\n")
        #expect(outcome.errors.hasPrefix("line 2: status is none of"))
        #expect(
            try take([order(3) + [0x0D], order(4) + [0x0D, 0x0A]]).output
                == "2 orders: 2 new, 0 replaced, 0 unchanged, 0 refused\n")
        #expect(
            try take([[], Array(" ".utf8), Array("[]".utf8)]).output == "0 orders: 0 new, 0 replaced, 0 unchanged, 0 refused\n")
        let spread = try take([Array("{".utf8), Array(#""id": 1"#.utf8), Array("}".utf8)])
        #expect(spread.errors.hasPrefix("line 1: begins an object that continues on the next line: put each object on one line"))
        #expect(spread.output == "1 orders: 0 new, 0 replaced, 0 unchanged, 1 refused\n")
        #expect(try take([]).output == "0 orders: 0 new, 0 replaced, 0 unchanged, 0 refused\n")
        #expect(try take([Array("[".utf8)]).errors.hasPrefix("line 1: is not JSON"))
    }

    @Test func `keeps an order of the same time with other content, and says so`() throws {
        _ = try take([order(1), order(2)])
        let changed = [order(1, ["notes": "x"]), order(2)]
        #expect(
            try take(changed).output
                == "2 orders: 0 new, 0 replaced, 1 unchanged, 1 kept (same time, other content: --replace takes them), 0 refused\n"
        )
        #expect(try take(changed, "--replace").output == "2 orders: 0 new, 2 replaced, 0 unchanged, 0 refused\n")
        #expect(try take(changed).output == "2 orders: 0 new, 0 replaced, 2 unchanged, 0 refused\n")
    }

    @Test func `names what it accepts and can't use`() throws {
        let outcome = try take([
            order(1, ["transferproof_url": "cdn.example.id/x"]), order(2, ["payment_url": "https://pay.example.id/a b"]),
            order(3, ["customer": ["id": 9, "email": "\"siti\"@example.com"]]),
        ])
        #expect(outcome.status == 0)
        #expect(
            outcome.errors == """
                line 1: note: transferproof_url is no http(s):// URL: buyers don't see it
                line 3: note: customer.email is no address that takes mails: the customer can't sign in with it

                """)
    }

    @Test func `says which command a file is for, and sums up what repeats`() throws {
        let orders = Array((1...400).map { order($0) }.joined(separator: [0x0A]))
        let report = folder.path("report")
        let outcome = try Pesanan.run(["import", "stores", "-", "--data", data, "--report", report], input: orders)
        #expect(outcome.status == 1)
        let words = "looks like an order: import it with 'pesanan import orders'"
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count == 11)
        #expect(lines.first! == "line 1: \(words)" && lines.last! == "and 390 more: \(words)")
        #expect(try String(contentsOfFile: report, encoding: .utf8).hasSuffix("line 400: \(words)\n"))
        let stores = try Pesanan.run(["import", "orders", "-", "--data", data], input: Fixture.store().encoded)
        #expect(stores.errors == "line 1: looks like a store: import it with 'pesanan import stores'\n")
    }

    @Test func `reads compressed files and pages of an API, and names what else a file is`() throws {
        let lines = (1...50).map { order($0) }
        let text = Array(lines.joined(separator: [0x0A]))
        let all = "50 orders: 50 new, 0 replaced, 0 unchanged, 0 refused\n"
        let list = Array("[".utf8) + Array(lines.joined(separator: Array(",\n".utf8))) + Array("]".utf8)
        let forms: [(name: String, bytes: [UInt8])] = [
            ("gzip", try packed(text, "import gzip; pack = gzip.compress")),
            (
                "gzip in parts",
                try packed(Array(text[..<1000]), "import gzip; pack = gzip.compress")
                    + packed(Array(text[1000...]), "import gzip; pack = gzip.compress")
            ),
            ("gzip, filled up", try packed(text, "import gzip; pack = gzip.compress") + Array(repeating: 0, count: 600_000)),
            (
                "zstd",
                try packed(
                    text,
                    "import subprocess; pack = lambda b: subprocess.run(['zstd', '-q'], input=b, capture_output=True, check=True).stdout"
                )
            ),
            ("a page", Array(#"{"data":"#.utf8) + list + Array(#","is_paginated":false}"#.utf8)),
            (
                "a page of several lines",
                Array("\u{FEFF}{\n  \"is_paginated\": true,\n  \"data\": ".utf8) + list + Array("\n}\n".utf8)
            ),
        ]
        for (name, bytes) in forms {
            let folder = try TemporaryFolder()
            _ = try Pesanan.run("import", "stores", "-", "--data", folder.path("data"), input: Fixture.store().encoded)
            let outcome = try Pesanan.run("import", "orders", "-", "--data", folder.path("data"), input: bytes)
            #expect(outcome.output == all, "\(name): \(outcome.errors)")
        }
        let page = Array(#"{"data":"#.utf8) + list + Array(#","has_next":true}"#.utf8)
        #expect(
            try take([page]).errors
                == "line 50: note: is the last entry of a page after which there are others (has_next): import those, too\n")
        let gzip = forms[0].bytes
        #expect(try take([Array(gzip.dropLast(20))]).errors.contains("the compressed file is cut short"))
        var damaged = gzip
        for position in 100..<200 { damaged[position] ^= 0x55 }
        #expect(try take([damaged]).errors.contains("the compressed file is damaged"))
        let others: [([UInt8], String)] = [
            ([0xFF, 0xFE] + Array("{".utf16).flatMap { [UInt8($0), 0] }, "line 1: is UTF-16: save the file as UTF-8\n"),
            (
                Array("id,status\n1,paid\n2,paid\n".utf8),
                "line 1: looks like a table (CSV): an import takes one JSON object per line"
            ),
        ]
        for (bytes, words) in others {
            let outcome = try Pesanan.run(["import", "orders", "-", "--data", data], input: bytes)
            #expect(outcome.errors.hasPrefix(words) && outcome.errors.split(separator: "\n").count == 1)
            #expect(outcome.output == "1 orders: 0 new, 0 replaced, 0 unchanged, 1 refused\n")
        }
    }

    /// Bytes compressed by Python.
    private func packed(_ bytes: [UInt8], _ python: String) throws -> [UInt8] {
        let (plain, packed) = (folder.path("plain"), folder.path("packed"))
        try Data(bytes).write(to: URL(filePath: plain))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "\(python); open('\(packed)', 'wb').write(pack(open('\(plain)', 'rb').read()))"]
        try process.run()
        process.waitUntilExit()
        return [UInt8](try Data(contentsOf: URL(filePath: packed)))
    }

    @Test func `gives a migrated order one id, however often it is imported`() async throws {
        let line = Fixture.order(id: 5, slug: "s")
        _ = try take([line.encoded, line.encoded])
        _ = try take([line.encoded])
        let newer = Fixture.order(id: 5, slug: "s", updated: "2026-05-01T00:00:00Z")
        _ = try take((0..<1200).map { $0 == 1100 ? newer.encoded : line.encoded })
        let server = try await TestServer { data in try FileManager.default.copyItem(atPath: self.data, toPath: data) }
        let token = try await server.token(for: line)
        let list = try JSON(parsing: server.ask("/v3/stores/store_A/customers/me/orders", token: token).body)
        guard case .array(let orders) = list["data"] else { return }
        #expect(orders.count == 1)
        #expect(orders[0]["last_updated_at"] == "2026-05-01T00:00:00Z")
    }

    @Test func `is visible to a running server immediately`() async throws {
        let server = try await TestServer { data in try FileManager.default.copyItem(atPath: self.data, toPath: data) }
        let line = Fixture.order(id: 5)
        let token = try await server.token(for: line)
        #expect(try server.ask(line.orderPath, token: token).status == 404)
        for day in 1...3 {
            let newer = Fixture.order(id: 5, updated: "2026-05-0\(day)T00:00:00Z")
            let outcome = try Pesanan.run("import", "orders", "-", "--data", server.folder.path("data"), input: newer.encoded)
            #expect(outcome.status == 0)
            for _ in 1...3 {
                let answer = try JSON(parsing: server.ask(line.orderPath, token: token).body)
                #expect(answer["last_updated_at"] == .string("2026-05-0\(day)T00:00:00Z"))
            }
        }
    }

    @Test func `reports why its file can't be read`() throws {
        #expect(
            try Pesanan.run("import", "orders", "/nowhere", "--data", data).errors.contains(
                "/nowhere can't be read: No such file"))
        let folder = try Pesanan.run("import", "orders", "/tmp", "--data", data)
        #expect(folder.errors.contains("/tmp can't be read: Is a directory"))
        #expect(folder.status == 1)
    }

    @Test func `shows its progress on a terminal`() throws {
        let file = folder.path("orders.ndjson")
        try Data((1...3000).flatMap { order($0) + [0x0A] }).write(to: URL(filePath: file))
        let command = "\(Pesanan.program.path) import orders \(file) --data \(data)"
        let outcome = try Pesanan.run([], through: ["sh", "-c", "script -qec '\(command)' /dev/null", "--"])
        #expect(outcome.output.contains(/\d+ orders, \d+ a second, \d+ %, \d+:\d\d left/))
        #expect(outcome.output.contains("3000 orders: 3000 new"))
    }

    private func take(_ lines: [[UInt8]], _ options: String...) throws -> Pesanan.Outcome {
        let arguments = ["import", "orders", "-", "--data", data] + options
        return try Pesanan.run(arguments, input: Array(lines.joined(separator: [0x0A])))
    }

    private func order(_ number: Int, _ changes: [String: JSON] = [:], updated: String = "2026-03-01T00:00:00Z") -> [UInt8] {
        Fixture.order(id: .number(String(number)), updated: updated, changes).encoded
    }
}
