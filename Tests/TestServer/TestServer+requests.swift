import Foundation
package import JSON
import Orders
import TestFixtures

extension TestServer {
    /// Sends one request with a JSON body on a new connection.
    package func send(
        _ method: String, _ path: String, _ body: JSON?, token: String? = nil, _ fields: (String, String)...
    ) throws -> HTTPAnswer {
        try send(method, path, bytes: body?.encoded ?? [], token: token, fields)
    }

    /// Sends one request with an arbitrary body on a new connection.
    package func send(
        _ method: String, _ path: String, bytes: [UInt8], token: String? = nil, _ fields: [(String, String)]
    ) throws -> HTTPAnswer {
        var request = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(bytes.count)\r\n"
        if let token { request += "Authorization: Bearer \(token)\r\n" }
        for (name, value) in fields { request += "\(name): \(value)\r\n" }
        let connection = try RawConnection(port: port)
        try connection.write(Array((request + "\r\n").utf8) + bytes)
        return try connection.answer()
    }

    /// The mails in the folder, with plain line endings, in the order of arrival.
    package func mails() throws -> [String] {
        let folder = self.folder.url.appending(components: "data", "mail").path
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        // A mail that is being written has a hidden name.
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
            .map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8).replacing("\r\n", with: "\n") }
    }

    package struct NoMail: Error {
        package init() {}
    }

    /// Waits until there are `number` mails to an address, and returns the newest.
    /// - Parameter before: a server whose mails precede this one's; servers of one database deliver for each other.
    package func mail(to address: String, number: Int = 1, after before: TestServer? = nil) async throws -> String {
        var mails: [String] = []
        let areThere = try await eventually {
            mails = try ((before?.mails() ?? []) + self.mails()).filter { $0.contains("To: <\(address)>") }
            return mails.count >= number
        }
        guard areThere else { throw NoMail() }
        return mails[mails.count - 1]
    }

    /// The code in a mail.
    package func code(in mail: String) throws -> String {
        guard let code = mail.firstMatch(of: /\n {4}(\d{6})\n/) else { throw NoMail() }
        return String(code.1)
    }

    /// The link in a mail.
    package func link(in mail: String) throws -> String {
        // Decodes the quoted-printable parts.
        let plain = mail.replacing("=\n", with: "").replacing("=3D", with: "=")
        guard let link = plain.firstMatch(of: /\n {4}(http[^\n]+)\n/) else { throw NoMail() }
        return String(link.1)
    }
}

extension HTTPAnswer {
    /// The body as JSON; `null` if it is not JSON.
    package var json: JSON { (try? JSON(parsing: body)) ?? .null }

    /// The `error_code` of the body.
    package var errorCode: String? { if case .string(let code)? = json["error_code"] { code } else { nil } }
}

extension JSON {
    /// The text of a member; empty if there is none.
    package func array(_ name: String) -> [JSON] { if case .array(let elements)? = self[name] { elements } else { [] } }

    /// The text of a member; empty if there is none.
    package func text(_ name: String) -> String { if case .string(let text)? = self[name] { text } else { "" } }
}
