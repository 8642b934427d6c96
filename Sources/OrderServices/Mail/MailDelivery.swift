package import Accounts
import JSON
package import Logging
package import Orders

/// Delivers requested mails: looks up the recipient, creates the code, hands the mail over, and retries if that fails.
///
/// Codes are created here rather than with the request. So only their hashes are ever stored, and a request does the same whether
/// or not its address belongs to a customer.
package struct MailDelivery: DeliveryQueue {
    /// The seconds during which nobody else can claim a mail that is being delivered.
    private static let lease: Int64 = 120

    private let storage: any AccountStorage
    private let transport: any MailTransport
    private let logger: Logger
    private let backoff: Backoff
    private let now: @Sendable () -> Timestamp

    package init(
        storage: any AccountStorage, transport: any MailTransport, logger: Logger,
        backoff: Backoff = Backoff(pauses: [2, 10, 30, 60, 120]), now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.storage = storage
        self.transport = transport
        self.logger = logger
        self.backoff = backoff
        self.now = now
    }

    /// The mails of a store wait for each other, but never for those of another store.
    package func receiver(of mail: QueuedMail) -> StoreID { mail.request.storeID }

    package func claim(_ limit: Int, perReceiver: Int, busy: [StoreID: Int]) async throws -> [QueuedMail] {
        try await storage.claimMails(limit, perStore: perReceiver, busy: busy, lease: Self.lease, at: now())
    }

    package func deliver(_ mail: QueuedMail) async throws {
        let request = mail.request
        let isLate = now().seconds > mail.requestedAt.seconds + lifetime(of: request)
        guard let recipient = try await storage.recipient(of: request) else {
            // The address belongs to nobody, and nothing may reveal that, including the log.
            return try await storage.remove(mail, recording: nil)
        }
        guard !isLate else {
            return try await storage.remove(mail, recording: record(of: request, recipient, wasSent: false))
        }
        guard let text = try await prepare(mail, recipient) else {
            // Another request has replaced this one.
            return try await storage.remove(mail, recording: nil)
        }
        do {
            try await transport.send(
                MailMessage(
                    recipient: request.address, senderName: Self.name(in: recipient.store) ?? "Pesanan", subject: text.subject,
                    text: text.text, html: text.html(request.language)))
            try await storage.remove(mail, recording: record(of: request, recipient, wasSent: true))
        } catch let failure as MailFailure {
            let pause = backoff.pause(after: mail.attempts)
            let isOver = failure.isFinal || now().seconds + pause > mail.requestedAt.seconds + lifetime(of: request)
            logger.warning(
                "a mail could not be delivered",
                metadata: ["reason": .string(failure.description), "again": .string(isOver ? "no" : "in \(pause) s")])
            if isOver {
                try await storage.remove(mail, recording: record(of: request, recipient, wasSent: false))
            } else {
                try await storage.postpone(mail, until: now().adding(seconds: pause))
            }
        }
    }

    /// Creates the code or link and the text around it; `nil` if the request is no longer valid.
    private func prepare(_ mail: QueuedMail, _ recipient: MailRecipient) async throws -> MailText? {
        let request = mail.request
        let expires = now().adding(seconds: lifetime(of: request))
        let payload: MailText.Payload
        switch request.kind {
        case .signInCode, .addressCode:
            let code = OneTimeCode()
            guard
                try await storage.setCode(
                    OneTimeCodeHash(code), of: mail, customerID: recipient.customerID, expires: expires)
            else { return nil }
            payload = .code(code)
        case .resetLink:
            let token = ResetToken()
            guard
                try await storage.setResetToken(
                    token.digest, of: mail, customerID: recipient.customerID, expires: expires)
            else { return nil }
            payload = .link("\(request.linkBase ?? "")/reset-password?token=\(token.text)")
        }
        // Until they have proven the address, it may be a stranger's: such a mail has no text that a customer chose.
        let customer = request.kind == .addressCode ? nil : Self.name(in: recipient.customer)
        return MailText(
            request.kind, payload, language: request.language, customer: customer,
            store: Self.name(in: recipient.store) ?? "Pesanan")
    }

    private func lifetime(of request: MailRequest) -> Int64 {
        request.kind == .resetLink ? ResetToken.lifetime : OneTimeCode.lifetime
    }

    private func record(of request: MailRequest, _ recipient: MailRecipient, wasSent: Bool) -> AuditRecord {
        let kind: AuditRecord.Kind =
            switch request.kind {
            case .signInCode: .codeSent
            case .resetLink: .resetLinkSent
            case .addressCode: .addressCodeSent
            }
        return AuditRecord(wasSent ? kind : .mailFailed, in: request.storeID, of: recipient.customerID, at: now(), from: nil)
    }

    /// The `name` in a document, as a single line.
    private static func name(in document: [UInt8]) -> String? {
        guard case .string(let name)? = (try? JSON(parsing: document))?["name"] else { return nil }
        let line = MailText.line(name)
        return line.isEmpty ? nil : line
    }
}
