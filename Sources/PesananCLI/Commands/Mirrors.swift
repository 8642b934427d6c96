import ArgumentParser
import Logging
import OrderServices
import Orders

/// `pesanan mirror`
struct Mirrors: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mirror", abstract: "Mirror the orders of a shop that lives on Scalev, by its webhooks and its API.",
        subcommands: [Enable.self, Disable.self, Pull.self, Status.self, Failed.self, Retry.self])

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a store's webhooks, or change the secret with which they are signed.",
            discussion: examples(
                "pesanan mirror enable --store store_A --secret-file signing-secret",
                "pass show scalev/secret | pesanan mirror enable --store store_A --secret-file -"))

        @Option(help: "The file with Scalev's signing secret; - is standard input.")
        var secretFile: String
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let secret = try secretText("the secret", in: secretFile)
            let (mirrors, storeID) = try await store.openMirrors()
            guard try await mirrors.setMirror(of: storeID, secret: secret, at: .now) else {
                throw OperatorError("there is no store \(storeID)")
            }
            suggest("Scalev's webhooks go to {public URL}/v3/stores/\(storeID)/webhooks/scalev")
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take no more webhooks of a store. Its orders stay.",
            discussion: examples("pesanan mirror disable --store store_A"))
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (mirrors, storeID) = try await store.openMirrors()
            guard try await mirrors.setMirror(of: storeID, secret: nil, at: .now) else { throw OperatorError.notMirrored }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print how far a store's mirror is.",
            discussion: examples("pesanan mirror status --store store_A"))
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (mirrors, storeID) = try await store.openMirrors()
            guard let status = try await mirrors.mirrorStatus(of: storeID) else { throw OperatorError.notMirrored }
            print("enabled     \(status.enabledAt)")
            print("last event  \(status.lastEventAt?.description ?? "none")")
            print("pending     \(status.pending.count)\(status.pending.since.map { ", since \($0)" } ?? "")")
            print("failed      \(status.failed)")
            print("pull        \(status.pull.map(Self.description) ?? "none")")
        }

        private static func description(_ pull: PullProgress) -> String {
            let orders = "\(pull.seen) orders seen, \(pull.read) read, \(pull.deleted) deleted"
            if let end = pull.finishedAt { return "finished at \(end): \(orders)" }
            return "not finished, back to \(pull.reached?.description ?? "nothing"): \(orders)"
        }
    }

    struct Failed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what a store's mirror could not use, oldest first: when, what and why.",
            discussion: examples("pesanan mirror failed --store store_A"))
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (mirrors, storeID) = try await store.openMirrors()
            for failure in try await mirrors.mirrorFailures(of: storeID, limit: 1000) {
                let subject =
                    switch failure.subject {
                    case .body(let id): "webhook \(id)"
                    case .order(let number): "order \(number)"
                    }
                print("\(failure.at)  \(subject)  \(failure.reason)")
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try again what a store's mirror could not use.",
            discussion: examples("pesanan mirror retry --store store_A"))
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (installation, storeID) = try await store.openInstallation()
            let mirror = Mirror(
                orders: installation.storage, storage: installation.mirrors,
                logger: Logger(label: "pesanan") { _ in SwiftLogNoOpLogHandler() })
            let (tried, failed) = try await mirror.retry(storeID)
            print("\(tried) tried, \(failed) still can't be used")
        }
    }
}

extension StoreOptions {
    fileprivate func openMirrors() async throws -> (any MirrorStorage, StoreID) {
        let (installation, storeID) = try await openInstallation()
        return (installation.mirrors, storeID)
    }
}

extension OperatorError {
    static let notMirrored = OperatorError("the store is not mirrored: see 'pesanan mirror enable'")
}
