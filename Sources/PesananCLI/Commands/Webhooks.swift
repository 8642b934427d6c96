import ArgumentParser
import OrderServices
import Orders
import Webhooks

/// `pesanan webhooks`
struct WebhookCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks", abstract: "See what was delivered to webhook endpoints, send it once more, and try a receiver.",
        subcommands: [Endpoints.self, Deliveries.self, Replay.self, Listen.self, Trigger.self])

    struct Endpoints: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a store's webhook endpoints, oldest first: id, state, events and the URL's host.",
            discussion: examples("pesanan webhooks endpoints --store store_A"))
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (webhooks, storeID) = try await store.open()
            for endpoint in try await webhooks.webhookEndpoints(of: storeID) { print(endpoint.line) }
        }
    }

    struct Deliveries: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print what was delivered in the last two weeks, newest first: when, what, how it went and the delivery's id.",
            discussion: examples(
                "pesanan webhooks deliveries --store store_A",
                "pesanan webhooks deliveries --store store_A --status failed --since 2026-11-20T00:00:00Z"))

        @Option(help: "Only those in this status: \(WebhookDelivery.Status.allCases.map(\.rawValue).joined(separator: ", ")).")
        var status: WebhookDelivery.Status?
        @Option(help: "Only those to the endpoint of this id.")
        var endpoint: UUIDBytes?
        @Option(help: "Only those queued at or after this time.")
        var since: Timestamp?
        @Option(help: "The maximum number of deliveries.")
        var limit = 100
        @OptionGroup var store: StoreOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 10000") }
        }

        func run() async throws {
            let (webhooks, storeID) = try await store.open()
            let filter = WebhookDeliveryFilter(endpointID: endpoint, status: status, since: since)
            let found = try await webhooks.webhookDeliveries(of: storeID, where: filter, before: nil, limit: limit)
            for delivery in found { print(delivery.line) }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send events once more: that of a delivery, or those of a span of time.",
            discussion: examples(
                "pesanan webhooks replay 0b8f6f3e-… --store store_A",
                "pesanan webhooks replay --endpoint 5c1d… --since 2026-11-20T00:00:00Z --store store_A"))

        @Argument(help: "The id of a delivery, as listed.")
        var delivery: UUIDBytes?
        @Option(help: "The id of the endpoint that gets the events of a span of time.")
        var endpoint: UUIDBytes?
        @Option(help: "The beginning of the span.")
        var since: Timestamp?
        @Option(help: "The end of the span, which is not a part of it. (default: now)")
        var until: Timestamp?
        @OptionGroup var store: StoreOptions

        func validate() throws {
            let isSpan = endpoint != nil && since != nil
            guard (delivery != nil) != isSpan, delivery == nil || endpoint == nil && since == nil && until == nil else {
                throw ValidationError("give either the id of a delivery, or --endpoint and --since")
            }
        }

        func run() async throws {
            let (installation, storeID) = try await store.openInstallation()
            let deliveries = WebhookDeliveries(
                storage: installation.storage, webhooks: installation.accounts, transport: NoTransport())
            do {
                if let delivery {
                    print("delivery \(try await deliveries.replay(delivery, of: storeID).id)")
                } else if let endpoint, let since {
                    let events = try await deliveries.replay(since: since, until: until, to: endpoint, of: storeID)
                    print("\(events) events")
                }
            } catch let failure as Failure {
                throw OperatorError(failure.message)
            }
            suggest("A running server sends them")
        }
    }

    /// Replaying only queues.
    private struct NoTransport: WebhookTransport {
        func post(
            _ body: [UInt8], headers: [(name: String, value: String)], to url: String
        ) async -> WebhookAnswer {
            WebhookAnswer(failure: "nothing is sent from here")
        }
    }
}

extension WebhookEndpoint {
    /// A line of a list. The path of the URL may be a secret.
    fileprivate var line: String {
        let host = (try? WebhookTargets.any.host(of: url)) ?? "?"
        let names = events.map { $0.map(\.rawValue).sorted().joined(separator: ",") } ?? "*"
        let state = stop?.rawValue ?? failingSince.map { "failing since \($0)" } ?? "enabled"
        return "\(id)  \(state)  \(names)  \(host)"
    }
}

extension WebhookDelivery {
    /// A line of a list.
    fileprivate var line: String {
        var parts = [queuedAt.description, kind.rawValue, "\(orderID) #\(number)", status.rawValue, "\(attempts) attempts"]
        if let last { parts.append(last.failure ?? "status \(last.answerStatus ?? 0) in \(last.duration) ms") }
        return (parts + [id.description]).joined(separator: "  ")
    }
}

extension WebhookDelivery.Status: ExpressibleByArgument {}

extension UUIDBytes: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
