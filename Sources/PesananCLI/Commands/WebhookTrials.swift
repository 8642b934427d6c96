import ArgumentParser
import Foundation
import OrderServices
import Orders
import Webhooks

extension WebhookCommands {
    struct Listen: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pass a store's webhooks on to a program on this machine, which needs no public address.",
            discussion: """
                Webhooks are signed with a secret of this command's own, as a server signs them. They are passed on as they happen, and not sent again if \
                the program fails.
                """ + "\n\n"
                    + examples(
                        "pesanan webhooks listen --key-file key --forward-to http://localhost:3000/webhooks",
                        "pesanan webhooks listen --server https://orders.shop.example --key-file key --forward-to http://localhost:3000/webhooks"
                    ))

        @Option(help: "The URL of the server.")
        var server = "http://127.0.0.1:8080"
        @Option(help: "The file with a business key of the store, with the scope webhook:read; - is standard input.")
        var keyFile: String
        @Option(help: "The URL to which webhooks are passed on.")
        var forwardTo: String
        @Option(help: "The file with the secret to sign with, whsec_...; without it a new one is printed.")
        var secretFile: String?

        func run() async throws {
            guard let address = PublicURL(server) else { throw OperatorError("--server must be an http(s):// URL") }
            try checkTarget(forwardTo, "--forward-to")
            let key = try secretText("the key", in: keyFile)
            let secret = try secretFile.map { try webhookSecret(in: $0) } ?? WebhookSecret()
            if secretFile == nil { say("The signing secret is \(secret.text)\n") }
            do {
                try await WebhookClient.with(targets: .any) { transport in
                    try await WebhookListener(
                        server: address.text, key: key, target: forwardTo, secret: secret, transport: transport
                    ).run(Self.tell)
                }
            } catch let refused as WebhookListener.Refused {
                throw OperatorError(refused.description)
            }
        }

        private static func tell(_ report: WebhookListener.Report) {
            switch report {
            case .connected: say("Listening\n")
            case .missedTooMuch: remark("too much has happened meanwhile: some webhooks were left out\n")
            case .lost(let reason): remark("the connection was lost (\(reason)); trying again\n")
            case .passedOn(let kind, let answer):
                say("\(Timestamp.now)  \(kind)  \(answer.failure ?? "status \(answer.status ?? 0)")\n")
            }
        }
    }

    struct Trigger: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send an example of a webhook, with an order that nobody has placed.",
            discussion: """
                The examples are \(WebhookExample.allCases.map(\.rawValue).joined(separator: ", ")). An order that is paid or shipped is a change of its \
                status.
                """ + "\n\n"
                    + examples(
                        "pesanan webhooks trigger order.paid --endpoint 5c1d… --store store_A",
                        "pesanan webhooks trigger order.shipped --url http://localhost:3000/webhooks --secret-file secret"))

        @Argument(help: "The example.")
        var example: WebhookExample
        @Option(help: "The id of an endpoint of --store.")
        var endpoint: UUIDBytes?
        @Option(help: "The store of the endpoint.")
        var store: String?
        @Option(help: "A URL instead of an endpoint.")
        var url: String?
        @Option(help: "The file with the secret to sign with, whsec_...; without it a new one is printed.")
        var secretFile: String?
        @Option(help: "To which addresses the endpoint's webhooks may be sent, as the server's setting.")
        var webhookTargets: String?
        @OptionGroup var data: DataOptions

        func validate() throws {
            let isEndpoint = endpoint != nil && store != nil
            guard isEndpoint != (url != nil), url != nil || secretFile == nil else {
                throw ValidationError("give either --endpoint and --store, or --url and, if you like, --secret-file")
            }
        }

        func run() async throws {
            let settings = try await data.settings([.webhookTargets: webhookTargets])
            let attempt = try await WebhookClient.with(targets: url == nil ? settings.webhookTargets : .any) { transport in
                url == nil ? try await sendToEndpoint(transport) : try await sendToURL(transport)
            }
            if let failure = attempt.failure { throw OperatorError(failure) }
            print("status \(attempt.answerStatus ?? 0) in \(attempt.duration) ms")
        }

        private func sendToEndpoint(_ transport: any WebhookTransport) async throws -> WebhookDelivery.Attempt {
            let installation = try await Installation(data.settings(), for: .existing)
            let storeID = try await installation.storeID(store ?? "")
            let deliveries = WebhookDeliveries(
                storage: installation.storage, webhooks: installation.accounts, transport: transport)
            do { return try await deliveries.test(endpoint ?? .random(), of: storeID, with: example) } catch let failure
                as Failure
            {
                throw OperatorError(failure.message)
            }
        }

        private func sendToURL(_ transport: any WebhookTransport) async throws -> WebhookDelivery.Attempt {
            let url = url ?? ""
            try checkTarget(url, "--url")
            let secret = try secretFile.map { try webhookSecret(in: $0) } ?? WebhookSecret()
            if secretFile == nil { say("The signing secret is \(secret.text)\n") }
            guard let storeID = StoreID(store ?? "store_example") else { throw OperatorError("--store is no store's id") }
            return await example.send(to: url, in: storeID, secrets: [secret], by: transport)
        }
    }
}

private func checkTarget(_ url: String, _ option: String) throws {
    do throws(Refusal) { _ = try WebhookTargets.any.host(of: url) } catch { throw OperatorError("\(option) \(error.reason)") }
}

private func webhookSecret(in path: String) throws -> WebhookSecret {
    guard let secret = WebhookSecret(try secretText("the secret", in: path)) else {
        throw OperatorError("the secret in \(path) is none: whsec_ and base64")
    }
    return secret
}

extension WebhookExample: ExpressibleByArgument {}
