import Accounts
import BusinessAPI
import FileStores
import Foundation
import HTTPServing
import Hummingbird
import Logging
import Mail
import NIOCore
import OrderServices
import Orders
import ServiceLifecycle
import StorefrontAPI
import UnixSignals
import Webhooks

/// The server, assembled from its parts.
struct Server {
    let settings: Settings
    let installation: Installation
    private let tokens: AccessTokens

    init(_ settings: Settings, _ installation: Installation, _ tokens: AccessTokens) {
        self.settings = settings
        self.installation = installation
        self.tokens = tokens
    }

    /// Answers requests until the process is asked to end (SIGTERM, SIGINT, SIGHUP), then finishes those in progress.
    /// - Parameter onRunning: called with the base URL as soon as requests are answered.
    /// - Throws: ``OperatorError`` if the server can't listen on the address.
    func run(onRunning: @escaping @Sendable (_ baseURL: String) async -> Void) async throws {
        try await WebhookClient.with(targets: settings.webhookTargets) { webhookClient in
            guard let bucket = settings.bucket else {
                let folder = URL(filePath: settings.dataFolder, directoryHint: .isDirectory).appending(component: "uploads")
                return try await run(sendingWebhooksBy: webhookClient, keepingFilesIn: LocalFiles(folder), onRunning: onRunning)
            }
            try await S3Files.with(bucket) { files in
                try await run(sendingWebhooksBy: webhookClient, keepingFilesIn: files, onRunning: onRunning)
            }
        }
    }

    private func run(
        sendingWebhooksBy webhookClient: WebhookClient, keepingFilesIn files: any FileStorage,
        onRunning: @escaping @Sendable (_ baseURL: String) async -> Void
    ) async throws {
        let log = ServerLog(level: settings.logLevel)
        defer { log.flush() }
        let logger = log.logger
        for warning in installation.warnings { logger.warning("\(warning)") }
        let access = AccessWatch(storage: installation.accounts, keys: installation.keys, tokens: tokens)
        // Access rules must be known before the first request is answered.
        try await access.update()
        let baseURL = BaseURL(settings, port: settings.port)
        let capacity = ConnectionCapacity(logger: logger)
        let mirror = Mirror(orders: installation.storage, storage: installation.mirrors, logger: logger)
        let (looks, live) = (LookCounter(), LiveEvents(storage: installation.storage))
        let proofs = Proofs(settings, installation, in: files, looks, baseURL, logger)
        let routes = routes(access, mirror, live, proofs, webhookClient, baseURL, capacity)
        var application = Application(
            responder: routes.responder(log: log.requests),
            server: ConnectionLimits().server(directAnswer: routes.directAnswer, log: log.requests),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), availableConnectionsDelegate: capacity),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { baseURL.port = port }
                await onRunning(baseURL.text)
            },
            logger: logger)
        let mails = mailTransport(logger)
        let services =
            upkeep(access, mails, mirror, looks, live, proofs.proofs, logger)
            + delivery(ofWebhooksBy: webhookClient, noticesBy: mails, logger)
        for service in services { application.addServices(service) }
        try await settings.explainingWhyNotListening {
            try await application.runService(gracefulShutdownSignals: Self.endingSignals)
        }
        try? await looks.store(in: installation.links)
    }

    /// The signals that ask the process to end in order.
    static let endingSignals: [UnixSignal] = [.sigterm, .sigint, .sighup]

    private func routes(
        _ access: AccessWatch, _ mirror: Mirror, _ live: LiveEvents, _ proofs: Proofs, _ webhookClient: WebhookClient,
        _ baseURL: BaseURL, _ capacity: ConnectionCapacity
    ) -> Routes {
        let accounts = installation.accounts
        let publicURL = settings.publicURL
        let storage = installation.storage
        let publicOrders = proofs.publicOrders
        let links = OrderLinks(storage: storage, links: installation.links, publicURL: publicURL)
        var routes = Routes()
        StorefrontAPI(
            orders: BuyerOrders(storage: storage, publicURL: publicURL),
            publicOrders: publicOrders,
            live: LiveOrders(storage: storage, events: live, publicOrders: publicOrders, publicURL: publicURL),
            payments: BuyerPayments(storage: storage), parcels: BuyerParcels(storage: storage), links: links,
            proofs: proofs.proofs, proofAddresses: proofs.addresses,
            customers: Customers(storage: accounts),
            signIn: SignIn(
                storage: accounts, tokens: tokens, hasher: PasswordHasher(), linkBase: { publicURL?.text ?? baseURL.text }),
            tokens: tokens, watch: access,
            limits: settings.rates.map { Limits($0, shared: installation.sharedLimits) } ?? .off, proxies: settings.proxies
        ).add(to: &routes)
        BusinessAPI(
            orders: MerchantOrders(storage: storage, publicURL: publicURL), links: links, proofs: proofs.proofs,
            records: MerchantRecords(storage: accounts),
            deliveries: WebhookDeliveries(storage: storage, webhooks: accounts, transport: webhookClient),
            stream: WebhookStream(storage: storage, events: live, bodies: webhookBodies), webhookTargets: settings.webhookTargets,
            mirror: mirror, watch: access
        ).add(to: &routes)
        Health(isFull: { capacity.isFull }, check: installation.storage.check).add(to: &routes)
        Description(
            title: "Pesanan: Storefront API v3", version: "3",
            description: """
                A buyer signs in and reads their orders. Sizes are bytes, weights grams, amounts of money decimal strings with two decimals, \
                times RFC 3339 in UTC. Every answer has X-Request-Id: the request's own if it had one of 1 to 64 letters, digits, '.', \
                '_' and '-', else a new one.
                """, tags: StorefrontAPI.tags + BusinessAPI.tags + [Health.tag], serverURL: publicURL?.text
        ).add(to: &routes)
        return routes
    }

    var webhookBodies: WebhookBodies {
        WebhookBodies(storage: installation.storage, deleted: installation.mirrors, publicURL: settings.publicURL)
    }

    private func mailTransport(_ logger: Logger) -> any MailTransport {
        if let smtp = settings.smtp { return SMTPTransport(smtp, sender: settings.mailFrom) }
        let folder = URL(filePath: settings.dataFolder, directoryHint: .isDirectory).appending(component: "mail")
        return MailFolder(folder, sender: settings.mailFrom, logger: logger)
    }
}
