import Foundation
package import JSON
import Orders
import TestFixtures

extension TestServer {
    /// One request with a body on a connection of its own.
    package func send(
        _ method: String, _ path: String, _ body: JSON?, token: String? = nil, _ fields: (String, String)...
    ) throws -> HTTPAnswer {
        try send(method, path, bytes: body?.encoded ?? [], token: token, fields)
    }

    /// One request with a body, whatever that is, on a connection of its own.
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

    /// The mails in the folder, with plain line ends, in the order in which they came.
    package func mails() throws -> [String] {
        let folder = self.folder.url.appending(components: "data", "mail").path
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".eml") }.sorted()
            .map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8).replacing("\r\n", with: "\n") }
    }

    package struct NoMail: Error {
        package init() {}
    }

    /// The newest mail to an address, as soon as there are so many.
    /// - Parameter before: whose mails come before those of this server; servers of one database deliver for each other.
    package func mail(to address: String, number: Int = 1, after before: TestServer? = nil) async throws -> String {
        var mails: [String] = []
        let areThere = try await eventually {
            mails = try ((before?.mails() ?? []) + self.mails()).filter { $0.contains("To: <\(address)>") }
            return mails.count >= number
        }
        guard areThere else { throw NoMail() }
        return mails[mails.count - 1]
    }

    /// The code of a mail.
    package func code(in mail: String) throws -> String {
        guard let code = mail.firstMatch(of: /\n {4}(\d{6})\n/) else { throw NoMail() }
        return String(code.1)
    }

    /// The link of a mail.
    package func link(in mail: String) throws -> String {
        // Out of its quoted-printable form.
        let plain = mail.replacing("=\n", with: "").replacing("=3D", with: "=")
        guard let link = plain.firstMatch(of: /\n {4}(http[^\n]+)\n/) else { throw NoMail() }
        return String(link.1)
    }
}

extension HTTPAnswer {
    /// The body as JSON; `null` where it is none.
    package var json: JSON { (try? JSON(parsing: body)) ?? .null }

    /// The `error_code` of the body.
    package var errorCode: String? { if case .string(let code)? = json["error_code"] { code } else { nil } }
}

extension JSON {
    /// The text of a member; empty where there is none.
    package func text(_ name: String) -> String { if case .string(let text)? = self[name] { text } else { "" } }
}
