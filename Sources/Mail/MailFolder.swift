package import Foundation
package import Logging
package import OrderServices
package import Orders

/// Writes each mail to a folder as a file that mail programs can open (`.eml`); used if no SMTP server is set.
package struct MailFolder: MailTransport {
    private let folder: URL
    private let format: MailFormat
    private let logger: Logger

    package init(_ folder: URL, sender: EmailAddress, logger: Logger) {
        self.folder = folder
        format = MailFormat(sender: sender)
        self.logger = logger
    }

    package func send(_ message: MailMessage) async throws {
        let time = Timestamp.now
        let name = "\(time.microseconds)-\(UUID().uuidString.prefix(8).lowercased()).eml"
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let file = folder.appending(component: name)
            let draft = folder.appending(component: ".\(name)")
            try Data(format.bytes(of: message, at: time)).write(to: draft)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: draft.path)
            try FileManager.default.moveItem(at: draft, to: file)
        } catch {
            throw MailFailure("\(folder.path) can't be written: \((error as NSError).localizedDescription)", isFinal: false)
        }
        logger.notice("no SMTP server is set: a mail was put into the folder", metadata: ["file": .string("mail/\(name)")])
    }
}
