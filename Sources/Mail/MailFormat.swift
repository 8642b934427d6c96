import Foundation
import OrderServices
import Orders

/// Formats a mail for transmission (RFC 5322, MIME): plain text and HTML as alternatives.
struct MailFormat {
    /// The sender's address.
    let sender: EmailAddress

    func bytes(of message: MailMessage, at time: Timestamp, id: String = UUID().uuidString.lowercased()) -> [UInt8] {
        let domain = sender.domain
        let boundary = "=_\(id)"
        var lines = [
            "From: \(Self.word(message.senderName)) <\(sender.text)>",
            "To: <\(message.recipient.text)>",
            "Subject: \(Self.word(message.subject))",
            "Date: \(Self.date(time))",
            "Message-ID: <\(id)@\(domain)>",
            "MIME-Version: 1.0",
            // Prevents automatic replies such as vacation notices (RFC 3834).
            "Auto-Submitted: auto-generated",
            "Content-Type: multipart/alternative; boundary=\"\(boundary)\"",
            "",
        ]
        for (type, body) in [("plain", message.text), ("html", message.html)] {
            lines += [
                "--\(boundary)", "Content-Type: text/\(type); charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
            ]
            lines += body.split(separator: "\n", omittingEmptySubsequences: false).flatMap(Self.quotedPrintable)
        }
        lines += ["--\(boundary)--", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    /// Header text as encoded words (RFC 2047), each short enough for its own line and none splitting a character.
    static func word(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789 -'".unicodeScalars.contains($0))
        }
        if isPlain, text.utf8.count <= 60 { return text }
        var words: [[UInt8]] = [[]]
        for character in text.unicodeScalars {
            let bytes = Array(String(character).utf8)
            if words[words.count - 1].count + bytes.count > 42 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// A line in quoted-printable encoding (RFC 2045, section 6.7), in pieces of at most 76 characters.
    static func quotedPrintable(_ line: Substring) -> [String] {
        var pieces = [""]
        let bytes = Array(line.utf8)
        for (position, byte) in bytes.enumerated() {
            let isBlank = byte == 0x20 || byte == 0x09
            let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=") || isBlank && position < bytes.count - 1
            let digits = String(byte, radix: 16, uppercase: true)
            let text = isPlain ? String(Unicode.Scalar(byte)) : "=" + (byte < 16 ? "0" : "") + digits
            if pieces[pieces.count - 1].utf8.count + text.utf8.count > 75 {
                // Whitespace and dots at the end or beginning of a piece are safe, because the piece ends with `=`.
                pieces[pieces.count - 1] += "="
                pieces.append("")
            }
            pieces[pieces.count - 1] += text
        }
        return pieces
    }

    /// A time in the format of RFC 5322, section 3.3.
    private static func date(_ time: Timestamp) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
        return formatter.string(from: Date(timeIntervalSince1970: TimeInterval(time.seconds)))
    }
}
