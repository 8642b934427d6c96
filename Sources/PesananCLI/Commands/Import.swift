import ArgumentParser
import Foundation
import JSON
import OrderServices
import Orders

/// `pesanan import`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take in stores or orders from a file.", subcommands: [Stores.self, Orders.self])

    struct Stores: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take in stores: each replaces what was known of it.")
        @OptionGroup var options: ImportOptions

        func run() async throws {
            try await options.run("stores") { storage, input, observer in
                try await StoreImport(storage: storage, allOrNothing: options.strict).run(input, observer: observer)
            }
        }
    }

    struct Orders: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take in orders: a newer last_updated_at replaces, anything else leaves what is there.")
        @OptionGroup var options: ImportOptions

        func run() async throws {
            try await options.run("orders") { storage, input, observer in
                try await OrderImport(storage: storage, allOrNothing: options.strict).run(input, observer: observer)
            }
        }
    }
}

struct ImportOptions: ParsableArguments {
    @Argument(help: "A file with one JSON object a line (NDJSON) or one JSON list; - for standard input.")
    var file: String

    @Flag(help: "Take in all or, where one is refused, nothing.")
    var strict = false

    @OptionGroup var data: DataOptions

    /// Opens what is needed, runs the import and says how it went; ends the command with status 1 where something was refused.
    func run(
        _ what: String,
        _ body: (any OrderStorage, ImportInput, ImportProgress) async throws -> ImportReport
    ) async throws {
        let descriptor = file == "-" ? 0 : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OperatorError("\(file) can't be read: \(String(cString: strerror(errno)))") }
        let installation = try await Installation(data.settings(), for: .any)
        let progress = ImportProgress(what: what, descriptor: descriptor)
        let report: ImportReport
        defer { progress.end() }
        do {
            report = try await body(installation.storage, ImportInput(descriptor: descriptor), progress)
        } catch let error as LineReader.ReadError {
            throw OperatorError("\(file) can't be read: \(error)")
        }
        progress.end()
        let outcome =
            strict && report.refused > 0
            ? "nothing was taken in"
            : "\(report.created) new, \(report.replaced) replaced, \(report.unchanged) unchanged"
        print("\(report.total) \(what): \(outcome), \(report.refused) refused")
        if report.refused > 0 { throw ExitCode.failure }
    }
}
