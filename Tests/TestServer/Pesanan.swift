package import Foundation
import TestFixtures

/// The built program.
package enum Pesanan {
    package struct Outcome: Sendable {
        package let status: Int32
        package let output: String
        package let errors: String
    }

    /// It is next to the tests.
    package static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(component: "pesanan")

    /// Runs the program until it exits.
    package static func run(
        _ arguments: String..., input: [UInt8] = [], environment: [String: String] = [:]
    ) throws -> Outcome {
        try run(arguments, input: input, environment: environment)
    }

    /// Runs the program until it exits.
    /// - Parameter wrapper: a command that receives the program and its arguments as further arguments.
    package static func run(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], through wrapper: [String] = []
    ) throws -> Outcome {
        let process = process(wrapper + [program.path] + arguments, environment)
        let folder = try TemporaryFolder()
        let (output, errors, standardInput) = (folder.path("output"), folder.path("errors"), folder.path("input"))
        for path in [output, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        try Data(input).write(to: URL(filePath: standardInput))
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        process.standardInput = FileHandle(forReadingAtPath: standardInput)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    /// The program, ready to be started; whoever starts it ends it.
    package static func process(_ arguments: String...) -> Process { process([program.path] + arguments, [:]) }

    static func process(_ command: [String], _ environment: [String: String]) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PESANAN_") }
            .merging(environment) { $1 }
        return process
    }
}
