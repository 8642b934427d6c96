import Accounts
import Orders

/// The text of the mails in each language.
struct MailText {
    let subject: String
    private let greeting: String
    /// The text before and after the code or link.
    private let opening: String
    private let closing: String
    private let signature: String
    private let payload: Payload

    enum Payload {
        case code(OneTimeCode)
        case link(String)
    }

    /// - Parameters:
    ///   - customer: the customer's name; `nil` if it is unknown.
    ///   - store: the store's name.
    init(_ kind: MailKind, _ payload: Payload, language: MailLanguage, customer: String?, store: String) {
        self.payload = payload
        switch language {
        case .indonesian:
            greeting = customer.map { "Halo \($0)," } ?? "Halo,"
            signature = "Salam,\n\(store)"
            switch kind {
            case .signInCode:
                subject = "Kode masuk Anda untuk \(store)"
                opening = "Gunakan kode ini untuk masuk dan melihat pesanan Anda di \(store):"
                closing =
                    "Kode berlaku 10 menit dan hanya sekali. Jangan berikan kepada siapa pun. Abaikan email ini jika Anda tidak memintanya."
            case .resetLink:
                subject = "Atur kata sandi Anda untuk \(store)"
                opening = "Buka tautan ini untuk mengatur kata sandi baru di \(store):"
                closing =
                    "Tautan berlaku 1 jam dan hanya sekali. Abaikan email ini jika Anda tidak memintanya: kata sandi Anda tidak berubah."
            case .addressCode:
                subject = "Konfirmasi alamat email Anda untuk \(store)"
                opening = "Gunakan kode ini untuk memakai alamat email ini di \(store):"
                closing = "Kode berlaku 10 menit dan hanya sekali. Abaikan email ini jika Anda tidak memintanya."
            }
        case .english:
            greeting = customer.map { "Hello \($0)," } ?? "Hello,"
            signature = "Regards,\n\(store)"
            switch kind {
            case .signInCode:
                subject = "Your sign-in code for \(store)"
                opening = "Use this code to sign in and see your orders at \(store):"
                closing =
                    "It is valid for 10 minutes and works once. Give it to nobody. If you did not ask for it, ignore this mail."
            case .resetLink:
                subject = "Set your password for \(store)"
                opening = "Open this link to set a new password at \(store):"
                closing =
                    "It is valid for one hour and works once. If you did not ask for it, ignore this mail: your password stays as it is."
            case .addressCode:
                subject = "Confirm your e-mail address for \(store)"
                opening = "Use this code to use this e-mail address at \(store):"
                closing = "It is valid for 10 minutes and works once. If you did not ask for it, ignore this mail."
            }
        }
    }

    /// The complete mail as plain text.
    var text: String {
        let middle =
            switch payload {
            case .code(let code): code.text
            case .link(let link): link
            }
        return "\(greeting)\n\n\(opening)\n\n    \(middle)\n\n\(closing)\n\n\(signature)\n"
    }

    /// The complete mail as a self-contained HTML page.
    func html(_ language: MailLanguage) -> String {
        let middle =
            switch payload {
            case .code(let code): "<p style=\"font-size:28px;letter-spacing:6px;font-weight:bold\">\(code.text)</p>"
            case .link(let link): "<p><a href=\"\(Self.escape(link))\">\(Self.escape(link))</a></p>"
            }
        let lines = signature.split(separator: "\n").map { Self.escape(String($0)) }.joined(separator: "<br>")
        return Self.page(
            subject,
            body: """
                <p>\(Self.escape(greeting))</p>
                <p>\(Self.escape(opening))</p>
                \(middle)
                <p>\(Self.escape(closing))</p>
                <p>\(lines)</p>
                """, language: language)
    }

    /// A self-contained HTML page of plain paragraphs.
    static func page(_ title: String, paragraphs: [String], language: MailLanguage) -> String {
        page(title, body: paragraphs.map { "<p>\(escape($0))</p>" }.joined(separator: "\n"), language: language)
    }

    private static func page(_ title: String, body: String, language: MailLanguage) -> String {
        """
        <!doctype html>
        <html lang="\(language.rawValue)">
        <head><meta charset="utf-8"><title>\(escape(title))</title></head>
        <body style="font-family:sans-serif;font-size:16px;line-height:1.5">
        \(body)
        </body>
        </html>

        """
    }

    /// A name as a single line that is not too long.
    static func line(_ name: String) -> String {
        String(
            name.split { $0.isNewline || $0.unicodeScalars.contains { $0.properties.generalCategory == .control } }
                .joined(separator: " ").prefix(100))
    }

    private static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
