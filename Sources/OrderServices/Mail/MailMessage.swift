package import Orders

/// A mail to one recipient, in plain text and HTML.
package struct MailMessage: Sendable {
    package let recipient: EmailAddress
    /// The sender's display name.
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

/// A way to send mails.
package protocol MailTransport: Sendable {
    /// Sends a mail.
    /// - Throws: ``MailFailure``.
    func send(_ message: MailMessage) async throws
}

/// The reason why a mail could not be sent.
package struct MailFailure: Error, CustomStringConvertible {
    /// Whether a retry would fail too.
    package let isFinal: Bool
    /// A message for the operator. It contains neither addresses nor the mail's content.
    package let description: String

    package init(_ description: String, isFinal: Bool) {
        self.description = description
        self.isFinal = isFinal
    }
}
