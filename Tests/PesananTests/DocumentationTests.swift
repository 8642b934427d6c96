import Foundation
import TestFixtures
import TestServer
import Testing

/// Runs the `console` blocks of the documentation in bash, and compares what they print with what is shown.
@Suite struct `The documentation` {
    @Test func `shows what the demo's commands answer`() async throws {
        let server = try await TestServer(["demo"])
        let printed = { (pattern: Regex<(Substring, Substring)>) in
            String(try #require(server.greeting.firstMatch(of: pattern)).1)
        }
        let commands = try Console.commands(of: "README.md", inBlocks: 0..<3).map { command in
            command.replacing([
                (/eyJraWQiOiJnQmZm…/, try printed(/TOKEN=(\S+)/)), (/sfpk_o0uKzdR8X76y…/, try printed(/KEY=(\S+)/)),
                (/sk_N0tAKey4nyS…/, try printed(/SHOP=(\S+)/)),
                (/\/tmp\/pesanan-demo-\w+\/mail/, try printed(/newest mail in (\S+):/)),
                (/[0-9a-f]{8}-[0-9a-f-]{27}/, try printed(/orders\/(\S+)/)), (/127\.0\.0\.1:8080/, "127.0.0.1:\(server.port)"),
            ])
        }
        #expect(commands.count == 11)
        try Console.expectOutput(of: commands)
    }

    @Test func `shows what the commands of a new installation answer`() throws {
        let folder = try TemporaryFolder()
        let port = try RawConnection.freePort()
        let log = folder.path("log")
        let commands =
            try Console.commands(of: "README.md", inBlocks: 3..<5) + Console.commands(of: "docs/api.md", inBlocks: 0..<6)
        #expect(commands.count == 25)
        try Console.expectOutput(
            of: commands.map { command in
                command.replacing([
                    // The tests have built it.
                    (/swift build -c release --product pesanan/, ":"), (/\.build\/release\/pesanan/, Pesanan.program.path),
                    (/127\.0\.0\.1:8300/, "127.0.0.1:\(port)"),
                    // It goes on while the commands of another terminal run.
                    (
                        /serve --port 8300 --public-url https:\/\/shop.example/,
                        """
                        serve --port \(port) --public-url https://shop.example >\(log) 2>&1 &
                        for attempt in {1..300}; do if grep -q ^Pesanan \(log); then break; fi; sleep 0.1; done; grep ^Pesanan \(log)
                        """
                    ),
                ])
            }, environment: ["PESANAN_DATA": folder.path("data")])
    }
}

/// What a reader sees in a terminal.
private enum Console {
    struct Command {
        /// It may have several lines.
        var text: String
        var output: [String] = []

        func replacing(_ changes: [(any RegexComponent, String)]) -> Command {
            Command(text: changes.reduce(text) { Console.replace($1.0, in: $0, with: $1.1) }, output: output)
        }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The commands of some of a file's `console` blocks, with what they print.
    static func commands(of file: String, inBlocks range: Range<Int>) throws -> [Command] {
        var blocks: [[Command]] = []
        var isInside = false
        for line in try String(contentsOf: root.appending(path: file), encoding: .utf8).components(separatedBy: "\n") {
            if line == "```console" {
                isInside = true
                blocks.append([])
            } else if line.hasPrefix("```") {
                isInside = false
            } else if isInside, line.hasPrefix("$ ") {
                blocks[blocks.count - 1].append(Command(text: String(line.dropFirst(2))))
            } else if isInside {
                let last = try #require(blocks.last?.indices.last)
                let command = blocks[blocks.count - 1][last]
                // A command that is not finished goes on, indented.
                if line.hasPrefix("    "), command.output.isEmpty, command.text.hasSuffix("\\") || command.text.hasSuffix("|") {
                    blocks[blocks.count - 1][last].text += "\n" + line
                } else {
                    blocks[blocks.count - 1][last].output.append(line)
                }
            }
        }
        // One that was added needs a place in a test.
        #expect(blocks.count == (file == "README.md" ? 5 : 6), "\(file)")
        return blocks[range].flatMap { $0 }
    }

    /// Runs commands one after the other in one bash, and expects that each prints what is shown.
    static func expectOutput(of commands: [Command], environment: [String: String] = [:]) throws {
        let mark = "-- \(UUID().uuidString) --"
        let script = commands.map { "\($0.text)\necho '\(mark)'" }.joined(separator: "\n")
        let outcome = try Pesanan.run(
            [], environment: environment,
            through: ["bash", "-c", "cd '\(root.path)'; trap 'kill $(jobs -p) 2>/dev/null' EXIT; \(script)"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let outputs = outcome.output.components(separatedBy: mark + "\n")
        try #require(outputs.count == commands.count + 1)
        for (command, output) in zip(commands, outputs) {
            #expect(steady(output) == steady(command.output.joined(separator: "\n")), "\(command.text)\n\(outcome.errors)")
        }
    }

    /// Without what differs each time.
    private static func steady(_ output: String) -> String {
        let differences: [(any RegexComponent, String)] = [
            (/127\.0\.0\.1:\d+/, "HOST"), (/(?m)^\d{6}$/, "CODE"), (/eyJ[\w-]{9}/, "TOKEN"),
            (/"1-[0-9a-z-]+"/, "TAG"),
            (/(?m)^(Date|X-Request-Id|X-Scalev-Request-Id|X-Ratelimit-Remaining|X-Ratelimit-Reset): .*$/, "FIELD"),
            // What is left is the time that a minted id was made from.
            (/-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/, "-ID"),
        ]
        return differences.reduce(output.replacing("\r\n", with: "\n")) { replace($1.0, in: $0, with: $1.1) }.trimmingCharacters(
            in: .newlines)
    }

    private static func replace(_ pattern: any RegexComponent, in text: String, with new: String) -> String {
        text.replacing(pattern, with: new)
    }
}
