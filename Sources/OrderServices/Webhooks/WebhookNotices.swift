import Accounts
import JSON
package import Logging
package import Orders

/// Tells merchants by mail that an endpoint was switched off.
package struct WebhookNotices: Sendable {
    /// For how long a mail that can't be sent is tried again, in seconds.
    private static let patience: Int64 = 24 * 3600

    private let webhooks: any WebhookStorage
    private let storage: any OrderStorage
    private let mails: any MailTransport
    private let otherwise: EmailAddress?
    private let logger: Logger
    private let now: @Sendable () -> Timestamp

    /// - Parameter otherwise: who is told of an endpoint without an address for notices; `nil` for nobody.
    package init(
        webhooks: any WebhookStorage, storage: any OrderStorage, mails: any MailTransport, otherwise: EmailAddress?,
        logger: Logger, now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.webhooks = webhooks
        self.storage = storage
        self.mails = mails
        self.otherwise = otherwise
        self.logger = logger
        self.now = now
    }

    /// Sends the notices that have not been sent.
    /// - Throws: ``StorageFailure``.
    package func send() async throws {
        for endpoint in try await webhooks.unannouncedWebhookStops() {
            let store = try await storage.store(endpoint.storeID).optionalText("name") ?? endpoint.storeID.text
            // Of several servers, one tells them.
            guard try await webhooks.setAnnounced(true, endpoint.id, of: endpoint.storeID),
                let address = endpoint.noticeEmail ?? otherwise
            else { continue }
            do { try await mails.send(Self.message(of: endpoint, to: address, store: store)) } catch let failure as MailFailure {
                let isOver = failure.isFinal || now().seconds > endpoint.updatedAt.seconds + Self.patience
                logger.warning(
                    "a notice about a webhook endpoint could not be sent",
                    metadata: ["reason": .string(failure.description), "again": .string(isOver ? "no" : "yes")])
                if !isOver { _ = try await webhooks.setAnnounced(false, endpoint.id, of: endpoint.storeID) }
            }
        }
    }

    private static func message(of endpoint: WebhookEndpoint, to address: EmailAddress, store: String) -> MailMessage {
        let isGone = endpoint.stop == .gone
        // The path of the URL may be a secret.
        let host = (try? WebhookTargets.any.host(of: endpoint.url)) ?? "?"
        let name = MailText.line(store)
        let paragraphs = [
            isGone
                ? "Webhook toko \(name) ke \(host) (\(endpoint.id)) dimatikan: alamatnya menjawab bahwa ia sudah tidak ada (410)."
                : "Webhook toko \(name) ke \(host) (\(endpoint.id)) dimatikan: selama tiga hari tidak ada yang bisa dikirim.",
            "Setelah diperbaiki, aktifkan kembali dan kirim ulang kejadian yang terlewat.",
            isGone
                ? "The webhooks of \(name) to \(host) (\(endpoint.id)) were switched off: the endpoint answered that it is gone (410)."
                : "The webhooks of \(name) to \(host) (\(endpoint.id)) were switched off: nothing could be delivered for three days.",
            "Once it works again, switch it on and replay the events that it has missed.",
        ]
        return MailMessage(
            recipient: address, senderName: "Pesanan", subject: "Webhook \(name): dimatikan / switched off",
            text: paragraphs.joined(separator: "\n\n") + "\n",
            html: MailText.page("Webhook \(name)", paragraphs: paragraphs, language: .indonesian))
    }
}
