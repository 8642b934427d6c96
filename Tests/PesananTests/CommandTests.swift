import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `The command` {
    private let folder: TemporaryFolder
    private var data: String { folder.path("data") }

    init() throws { folder = try TemporaryFolder() }

    @Test func `prints only a token for a customer by address or id`() async throws {
        let server = try await TestServer.shared()
        let order = try Fixture.orders()[0]
        let store = "store_Zl2CePvzZaqLXj4sxrvXFcqg"
        for customer in ["hendra.siregar.249@example.com", " Hendra.Siregar.249@EXAMPLE.com ", "200050"] {
            let outcome = try Pesanan.run("token", "--store", store, "--customer", customer, "--data", server.folder.path("data"))
            #expect(outcome.status == 0)
            #expect(outcome.errors.isEmpty)
            #expect(outcome.output.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
            let token = outcome.output.trimmingCharacters(in: .newlines)
            #expect(try server.ask(order.orderPath, token: token).status == 200)
        }
    }

    @Test func `prints no token for an unknown customer`() async throws {
        let server = try await TestServer.shared()
        let cases = [
            ("store_none", "200050", "there is no store store_none"), ("a/b", "1", "there is no store a/b"),
            ("store_Zl2CePvzZaqLXj4sxrvXFcqg", "1", "no such customer"),
            ("store_Zl2CePvzZaqLXj4sxrvXFcqg", "x@y.z", "no such customer"),
            ("store_Zl2CePvzZaqLXj4sxrvXFcqg", "x", "must be an e-mail address or an id"),
        ]
        for (store, customer, words) in cases {
            let outcome = try Pesanan.run("token", "--store", store, "--customer", customer, "--data", server.folder.path("data"))
            #expect(outcome.status == 1)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains(words))
        }
    }

    @Test func `prints the token of the one account that several customers with an address have`() throws {
        _ = try Pesanan.run("import", "stores", "-", "--data", data, input: Fixture.store().encoded)
        let orders = [1, 2].map { number in
            Fixture.order(
                id: .number(String(number)), customer: number,
                ["customer": ["id": .number(String(number)), "email": "both@example.com"]])
        }
        _ = try Pesanan.run("import", "orders", "-", "--data", data, input: JSON.array(orders).encoded)
        let outcome = try Pesanan.run("token", "--store", "store_A", "--customer", "both@example.com", "--data", data)
        #expect(outcome.status == 0)
        #expect(outcome.output.claims["sub"] == "1")
    }

    @Test func `refuses an invalid setting, and names it`() throws {
        let file = folder.path("settings.json")
        let cases: [(arguments: [String], environment: [String: String], file: String?, words: String)] = [
            (["--port", ""], [:], nil, "the setting port"), (["--data", ""], [:], nil, "the setting data"),
            (["--host", ""], [:], nil, "the setting host"),
            (["--port", "x"], [:], nil, "the setting port (--port, PESANAN_PORT) must be a whole number from 0 to 65535"),
            (["--port", "65536"], [:], nil, "the setting port"), (["--port", ""], [:], nil, "the setting port"),
            ([], ["PESANAN_PORT": "80 80"], nil, "the setting port"),
            (
                ["--webhook-targets", "all"], [:], nil,
                "the setting webhook-targets (--webhook-targets, PESANAN_WEBHOOK_TARGETS) must be"
            ),
            (["--notice-email", "x"], [:], nil, "the setting notice-email"),
            (["--uploads", "/tmp/x"], [:], nil, "the setting uploads (--uploads, PESANAN_UPLOADS) must be s3://BUCKET[/PREFIX]"),
            (["--uploads", "s3://pictures"], [:], nil, "the setting uploads needs the settings s3-access-key and s3-secret-key"),
            (["--s3-region", "a"], [:], nil, "need the setting uploads"),
            (["--s3-endpoint", "ftp://a"], [:], nil, "the setting s3-endpoint"),
            (["--s3-region", "A B"], [:], nil, "the setting s3-region"),
            ([], ["PESANAN_S3_SECRET_KEY": "a b"], nil, "the setting s3-secret-key"),
            (
                [], ["PESANAN_PUBLIC_URL": "shop.example.com"], nil,
                "the setting public-url (--public-url, PESANAN_PUBLIC_URL) must be"
            ),
            (["--log-level", "loud"], [:], nil, "the setting log-level"), ([], [:], "{", "is not JSON"),
            ([], [:], "[]", "must hold a JSON object"),
            ([], [:], #"{"prot": 1}"#, "has the unknown setting prot"),
            ([], [:], #"{"port": true}"#, "the value of port in the settings file"),
            ([], [:], #"{"port": 8.5}"#, "the setting port"), (["--config", "/nowhere"], [:], nil, "/nowhere can't be read"),
            (["--no-such-option"], [:], nil, "Unknown option"),
        ]
        for (arguments, environment, text, words) in cases {
            if let text { try Data(text.utf8).write(to: URL(filePath: file)) }
            let outcome = try Pesanan.run(
                ["serve", "--data", data] + arguments + (text == nil ? [] : ["--config", file]), environment: environment)
            #expect(outcome.status != 0)
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: data))
    }

    @Test func `leaves variables alone that nobody meant as settings, and says so`() async throws {
        let kubernetes = [
            "PESANAN_PORT": "tcp://10.43.0.7:8080", "PESANAN_SERVICE_HOST": "10.43.0.7", "PESANAN_SERVICE_PORT": "8080",
            "PESANAN_PORT_8080_TCP_ADDR": "10.43.0.7", "PESANAN_PROT": "1", "PESANAN_COFFEE": "1",
        ]
        let outcome = try Pesanan.run("migrate", "--data", data, environment: kubernetes)
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("warning: PESANAN_PROT is no setting: did you mean PESANAN_PORT?\n"))
        #expect(outcome.errors.contains("warning: PESANAN_COFFEE is no setting\n"))
        #expect(
            outcome.errors.contains(
                "for a service called pesanan: PESANAN_PORT, PESANAN_PORT_8080_TCP_ADDR, PESANAN_SERVICE_HOST"))
        let server = try await TestServer(environment: kubernetes)
        #expect(try server.ask("/health/live").status == 200)
        let log = try await server.log()
        #expect(log.contains("did you mean PESANAN_PORT?") && log.contains(#""level":"warning""#))
        #expect(log.split(separator: "\n").allSatisfy { (try? JSON(parsing: Array($0.utf8))) != nil })
    }

    @Test func `shows examples of each command, which are valid`() throws {
        let commands = [
            "", "demo", "serve", "import stores", "import orders", "token", "storefront-key create", "storefront-key list",
            "storefront-key revoke", "origin create", "origin list", "origin revoke", "keys list", "keys rotate", "audit",
            "events",
            "repair documents", "migrate", "copy",
        ]
        for command in commands {
            let help = try Pesanan.run(command.split(separator: " ").map(String.init) + ["--help"])
            #expect(help.status == 0)
            let lines = help.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            let start = try #require(lines.firstIndex(of: "Examples:"), "\(command)")
            // A long example goes on in the next line.
            let shown = lines[(start + 1)...].prefix { !$0.hasSuffix(":") }.joined(separator: " ")
            #expect(shown.ranges(of: "pesanan \(command)").count >= 2, "\(command): \(shown)")
            for option in shown.matches(of: /--[a-z-]+/) where command != "" {
                #expect(help.output.ranges(of: option.output).count >= 2, "\(command): \(option.output)")
            }
        }
    }

    @Test func `says what to do first with an empty database`() async throws {
        #expect(try await TestServer().greeting.contains("There is no store yet: pesanan import stores FILE"))
        #expect(try await !TestServer.shared().greeting.contains("There is no store yet"))
    }

    @Test func `lets connections wait when it has no more files to open, and says so`() async throws {
        let server = try await TestServer(through: ["bash", "-c", "ulimit -n 64; exec \"$@\"", "--"])
        let probe = try RawConnection(port: server.port)
        func ask(_ connection: RawConnection) throws -> HTTPAnswer {
            try connection.write("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            return try connection.answer()
        }
        #expect(try ask(probe).json["status"] == "ok")
        do {
            let many = try (0..<200).map { _ in try RawConnection(port: server.port) }
            #expect(try await eventually { try ask(probe).json["status"] == "full" })
            // It does not try in vain to accept the others.
            let before = try server.processorTime()
            try await Task.sleep(for: .seconds(2))
            print("with connections that wait, the processor was used for \(try server.processorTime() - before) of 2 s")
            #expect(many.count == 200)
        }
        #expect(try await eventually { try ask(probe).json["status"] == "ok" })
        #expect(try server.ask("/health/ready").status == 200)
        #expect(try await server.log().ranges(of: "new connections wait").count == 1)
    }

    @Test func `takes an address in brackets`() async throws {
        let server = try await TestServer(["serve", "--host", "[::1]"])
        #expect(server.greeting.contains("http://[::1]:"))
    }

    @Test func `prefers the command line to the environment, and the environment to the file`() throws {
        let file = folder.path("settings.json")
        // No folder can be created under a file, and the error shows which setting was used.
        let broken = folder.path("broken")
        try Data("x".utf8).write(to: URL(filePath: broken))
        func words(_ arguments: [String], _ environment: [String: String]) throws -> String {
            try Pesanan.run(["serve"] + arguments, environment: environment).errors
        }
        try Data(#"{"data": "\#(broken)/file"}"#.utf8).write(to: URL(filePath: file))
        #expect(try words(["--config", file], [:]).contains("the data folder \(broken)/file can't be created"))
        #expect(
            try words(["--config", file], ["PESANAN_DATA": "\(broken)/environment"]).contains(
                "\(broken)/environment can't be created"))
        #expect(
            try words(["--config", file, "--data", "\(broken)/line"], ["PESANAN_DATA": "\(broken)/environment"])
                .contains("\(broken)/line can't be created"))
        #expect(try words(["--config", file], ["PESANAN_DATA": ""]).contains("\(broken)/file can't be created"))
    }

    @Test func `keeps two servers from sharing a folder or a port`() async throws {
        let server = try await TestServer()
        let folder = try Pesanan.run("serve", "--data", server.folder.path("data"), "--port", "0")
        #expect(folder.status == 1)
        #expect(folder.errors.contains("is in use by another server"))
        let port = try Pesanan.run("serve", "--data", data, "--port", String(server.port))
        #expect(port.status == 1)
        #expect(port.errors.contains("127.0.0.1:\(server.port) can't be listened on: it is in use already"))
        let host = try Pesanan.run("serve", "--data", data, "--port", "0", "--host", "no.such.invalid")
        #expect(host.status == 1)
        #expect(host.errors.contains("no.such.invalid:0 can't be listened on: there is no such address"))
        #expect(try server.ask("/health/ready").status == 200)
    }

    @Test func `reopens its folder after being killed`() async throws {
        let server = try await TestServer()
        _ = server.stop(SIGKILL)
        let again = try await TestServer { data in
            try FileManager.default.copyItem(atPath: server.folder.path("data"), toPath: data)
        }
        #expect(try again.ask("/health/ready").status == 200)
    }

    @Test func `refuses an invalid database, and a key that others can read`() throws {
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let database = URL(filePath: data).appending(component: "pesanan.sqlite")
        try Data("This is no database, but long enough to be looked at as one.".utf8).write(to: database)
        let outcome = try Pesanan.run("serve", "--data", data, "--port", "0")
        #expect(outcome.errors.contains("pesanan.sqlite can't be opened: the database is damaged or no database of Pesanan"))
        #expect(outcome.status == 1)
        try FileManager.default.removeItem(at: database)
        try Data("x".utf8).write(to: URL(filePath: data).appending(component: "signing-key.pem"))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: data + "/signing-key.pem")
        #expect(try Pesanan.run("serve", "--data", data, "--port", "0").errors.contains("make it private with chmod 600"))
    }

    @Test func `reports a full or read-only disk, and loses nothing`() throws {
        let mount = folder.path("disk")
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
        let (stores, orders) = (Fixture.storesFile.path, Fixture.ordersFile.path)
        let pesanan = Pesanan.program.path
        // A small disk in its own mount namespace, which disappears with it.
        let script = """
            mount -t tmpfs -o size=4m none \(mount) || exit 99
            \(pesanan) import stores \(stores) --data \(mount)/data
            \(pesanan) import orders \(orders) --data \(mount)/data; echo "full: $?"
            mount -o remount,size=64m \(mount)
            \(pesanan) import orders \(orders) --data \(mount)/data; echo "again: $?"
            mount -o remount,ro \(mount)
            \(pesanan) serve --port 0 --data \(mount)/data; echo "read-only: $?"
            """
        let isRoot = geteuid() == 0
        let outcome = try Pesanan.run(
            [], through: ["unshare", isRoot ? "-m" : "-Urm", "sh", "-c", "exec 2>&1; \(script)", "--"])
        #expect(outcome.output.contains("Error: the disk is full\nfull: 1"), "\(outcome.output)")
        #expect(outcome.output.contains("400 orders: "))
        #expect(outcome.output.contains("0 refused\nagain: 0"))
        #expect(outcome.output.contains("can't be written"))
        #expect(outcome.output.contains("read-only: 1"))
    }

    @Test func `runs a demo whose printed commands work when they are pasted`() async throws {
        let server = try await TestServer(["demo"])
        #expect(server.greeting.contains("/docs"))
        let commands = server.greeting.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("  http") }
        #expect(commands.count == 11)
        let bash = Process()
        bash.executableURL = URL(filePath: "/usr/bin/env")
        bash.arguments = ["bash", "-c", commands.map { "\($0); echo" }.joined(separator: "\n")]
        let output = Pipe()
        bash.standardOutput = output
        bash.standardError = FileHandle.nullDevice
        try bash.run()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        bash.waitUntilExit()
        // The order, the list, the message, the code and the tokens; then the new order, its move and the list with it.
        try #require(lines.count == 8, "\(lines)")
        let answers = lines.map { (try? JSON(parsing: Array($0.utf8))) ?? .null }
        #expect(JSONSchema(try Fixture.schema()).violations(of: answers[0]) == [])
        #expect(answers[1]["is_paginated"] == true)
        #expect(answers[2]["message"] != nil && answers[2]["error"] == nil)
        #expect(lines[3].wholeMatch(of: /\d{6}/) != nil)
        #expect(answers[4]["token_type"] == "Bearer")
        #expect(answers[5]["order_id"] == "DEMO-1" && answers[6]["is_paginated"] == false)
        guard case .array(let orders)? = answers[7]["data"] else { return }
        #expect(orders.first?["order_id"] == "DEMO-1" && orders.first?["status"] == "shipped")
        #expect(try Pesanan.run("demo", "--data", server.folder.path("data")).errors.contains("is not empty"))
    }
}
