import ArgumentParser
import Foundation
import JSON
import OrderServices
import Orders

/// `pesanan import`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import stores or orders from a file.", subcommands: [Stores.self, Orders.self])

    struct Stores: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import stores. Each one replaces its earlier version.",
            discussion: examples(
                "pesanan import stores stores.json", "curl -s https://shop.example/stores | pesanan import stores -"))
        @OptionGroup var options: ImportOptions

        func run() async throws {
            try await options.run("stores") { storage, input, observer in
                try await StoreImport(storage: storage, allOrNothing: options.strict).run(input, observer: observer)
            }
        }
    }

    struct Orders: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import orders. A newer last_updated_at replaces the stored order; any other leaves it unchanged.",
            discussion: examples(
                "pesanan import orders orders.ndjson.gz", "pesanan import orders --strict orders.ndjson",
                "jq -c . export/*.json | pesanan import orders - --report refused.txt"))
        @OptionGroup var options: ImportOptions

        @Flag(help: "Replace stored orders even if they are as new or newer.")
        var replace = false

        func run() async throws {
            try await options.run("orders") { storage, input, observer in
                try await OrderImport(storage: storage, allOrNothing: options.strict, isReplacing: replace).run(
                    input, observer: observer)
            }
        }
    }
}

struct ImportOptions: ParsableArguments {
    @Argument(help: "A file with one JSON object per line (NDJSON) or one JSON array; - for standard input.")
    var file: String

    @Flag(help: "Import nothing if any entry is refused.")
    var strict = false

    @Option(help: "A file for all messages about entries; only the first ten of each kind are printed.")
    var report: String?

    @OptionGroup var data: DataOptions

    /// Opens the file and the database, runs the import and prints a summary. The command exits with 1 if anything was refused.
    func run(
        _ what: String,
        _ body: (any OrderStorage, ImportInput, ImportProgress) async throws -> ImportReport
    ) async throws {
        let descriptor = file == "-" ? 0 : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OperatorError("\(file) can't be read: \(String(cString: strerror(errno)))") }
        let installation = try await Installation(data.settings(), for: .any)
        let progress = ImportProgress(what: what, descriptor: descriptor, report: try reportFile())
        let report: ImportReport
        defer { progress.end() }
        do {
            report = try await body(installation.storage, ImportInput(descriptor: descriptor), progress)
        } catch let error as LineReader.ReadError {
            throw OperatorError("\(file) can't be read: \(error)")
        }
        progress.sumUp()
        let outcome =
            strict && report.refused > 0
            ? "nothing was imported"
            : "\(report.created) new, \(report.replaced) replaced, \(report.unchanged) unchanged"
                + (report.kept > 0 ? ", \(report.kept) kept (same time, other content: --replace takes them)" : "")
        print("\(report.total) \(what): \(outcome), \(report.refused) refused")
        if report.refused > 0 { throw ExitCode.failure }
        suggest(
            what == "stores"
                ? "Next: pesanan import orders FILE" : "Next: pesanan serve, and pesanan storefront-key create --store STORE")
    }

    private func reportFile() throws -> FileHandle? {
        guard let report else { return nil }
        let descriptor = open(report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw OperatorError("\(report) can't be written: \(String(cString: strerror(errno)))") }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
