import ArgumentParser
import Foundation
import JSON
import Logging
import OrderServices
import Orders
import ScalevClient
import Synchronization

extension Mirrors {
    struct Pull: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read the other side's orders, and take those that are new or have changed.",
            discussion: examples(
                "pesanan mirror pull --store store_A --api-key-file key --base-url https://api.shop.example",
                "pass show scalev/key | pesanan mirror pull --store store_A --api-key-file - --base-url https://api.shop.example")
        )

        @Option(
            help: "The file with an API key of the other side, with the scopes order:list and order:read; - is standard input.")
        var apiKeyFile: String
        @Option(help: "The URL of the other side's API, in front of /v3/orders.")
        var baseURL: String
        @Flag(help: "Delete orders here that the other side does not have any more; without it they are only named.")
        var deleteMissing = false
        @OptionGroup var store: StoreOptions

        func run() async throws {
            guard let address = ScalevAddress(baseURL) else {
                throw OperatorError(
                    "--base-url must be an https URL such as https://api.shop.example: the key must not be readable on its way")
            }
            let key = try secretText("the API key", in: apiKeyFile)
            let (installation, storeID) = try await store.openInstallation()
            guard let status = try await installation.mirrors.mirrorStatus(of: storeID) else { throw OperatorError.notMirrored }
            let local = try await installation.storage.store(storeID)
            var number: String?
            if case .number(let digits)? = local["id"] { number = digits }
            let display = PullDisplay()
            defer { display.end() }
            do {
                let progress = try await ScalevClient.with(address, key: key, store: number, waiting: display.waiting) { source in
                    let pull = MirrorPull(
                        from: source, orders: installation.storage, storage: installation.mirrors,
                        logger: Logger(label: "pesanan") { _ in SwiftLogNoOpLogHandler() }, deletesMissing: deleteMissing)
                    return try await pull.run(storeID, from: status.pull, observer: display)
                }
                display.end()
                print(
                    "\(progress.seen) orders seen, \(progress.read) read, \(progress.deleted) deleted, \(display.missing) missing, \(display.refused) can't be used"
                )
            } catch let failure as MirrorSourceFailure {
                throw OperatorError("\(failure). What was read is kept: run it again to go on")
            }
            if display.refused > 0 { throw ExitCode.failure }
        }
    }
}

/// Reports a pull on standard error: what can't be used and, on a terminal, the progress.
private final class PullDisplay: MirrorPullObserver {
    private let isTerminal = isatty(2) == 1
    private let counts = Mutex((refused: 0, missing: 0))

    var refused: Int { counts.withLock { $0.refused } }
    var missing: Int { counts.withLock { $0.missing } }

    func advanced(to progress: PullProgress) {
        let place = progress.reached.map { ", back to \($0)" } ?? ""
        show("\(progress.seen) orders seen, \(progress.read) read\(place)")
    }

    func refused(_ refusal: Refusal, number: String?) {
        counts.withLock { $0.refused += 1 }
        tell("order \(number ?? "without a number"): \(refusal)")
    }

    func missing(number: String) {
        counts.withLock { $0.missing += 1 }
        tell("order \(number): is not there any more")
    }

    func waiting(_ seconds: Int64) { show("waiting \(seconds) s for the other side") }

    /// Clears the progress line.
    func end() { if isTerminal { remark("\r\u{1B}[K") } }

    private func show(_ line: String) { if isTerminal { remark("\r\u{1B}[K" + line) } }

    private func tell(_ line: String) {
        end()
        remark(line + "\n")
    }
}
