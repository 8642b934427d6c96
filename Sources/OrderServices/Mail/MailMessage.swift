package import Orders

/// A mail to one person, in plain text and in HTML.
package struct MailMessage: Sendable {
    package let recipient: EmailAddress
    /// The name that the sender is shown with.
    package let senderName: String
    package let subject: String
    package let text: String
    package let html: String

    package init(recipient: EmailAddress, senderName: String, subject: String, text: String, html: String) {
        self.recipient = recipient
        self.senderName = senderName
        self.subject = subject
        self.text = text
        self.html = html
    }
}

/// What takes mails to their readers.
package protocol MailTransport: Sendable {
    /// Hands a mail over.
    /// - Throws: ``MailFailure``.
    func send(_ message: MailMessage) async throws
}

/// Why a mail could not be handed over.
package struct MailFailure: Error, CustomStringConvertible {
    /// Whether it would be refused again.
    package let isFinal: Bool
    /// For the operator; without addresses and without what was in the mail.
    package let description: String

    package init(_ description: String, isFinal: Bool) {
        self.description = description
        self.isFinal = isFinal
    }
}
