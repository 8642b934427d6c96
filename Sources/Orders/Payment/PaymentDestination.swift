import JSON

/// An account at a bank.
package struct BankAccount: Equatable, Sendable {
    package let bankCode: String?
    package let bankName: String?
    package let number: String?
    package let holder: String?

    var json: JSON {
        ["bank_code": JSON(bankCode), "bank_name": JSON(bankName), "number": JSON(number), "holder": JSON(holder)]
    }

    /// The store's accounts for transfers: the one that the order names if it is there, or else all.
    static func all(of order: JSON, _ store: JSON) -> [BankAccount] {
        guard case .array(let elements)? = store["payment_accounts"] else { return [] }
        let accounts = elements.filter { ($0.optionalText("method") ?? "bank_transfer") == "bank_transfer" }.map { account in
            BankAccount(
                bankCode: account["financial_entity"]?.optionalText("code"),
                bankName: account["financial_entity"]?.optionalText("name"),
                number: account.shownText("account_number"), holder: account.shownText("account_holder"))
        }
        let named = accounts.filter { $0.number != nil && $0.number == order.shownText("payment_account_number") }
        return named.isEmpty ? accounts : named
    }
}

/// Where a payment provider takes the payment, from `pg_payment_info` in whatever shape it came (`surroundings.md`, section 2).
package struct PaymentDestination: Equatable, Sendable {
    package private(set) var virtualAccount: BankAccount?
    /// For the cashier.
    package private(set) var paymentCode: String?
    /// What a QR code of the payment has to say.
    package private(set) var qrString: String?
    /// A page or an app, `https` or a deep link.
    package private(set) var url: String?

    static let channels = ["virtual_account", "over_the_counter", "qr_code", "ewallet"]

    /// Nowhere.
    init() {}

    init(_ information: JSON, method: String, of order: JSON) {
        let properties = { (channel: String) in information["payment_method"]?[channel]?["channel_properties"] ?? .null }
        let account = properties("virtual_account")
        if let number = account.shownText("virtual_account_number") ?? information.shownText("va_number") {
            let code =
                information["payment_method"]?["virtual_account"]?.shownText("channel_code")
                ?? order.shownText("sub_payment_method") ?? (method.hasPrefix("va_") ? method.dropFirst(3).uppercased() : nil)
            virtualAccount = BankAccount(
                bankCode: code, bankName: nil, number: number,
                holder: account.shownText("customer_name") ?? information.shownText("va_name"))
        }
        paymentCode = properties("over_the_counter").shownText("payment_code")
        qrString = information.shownText("qr_string") ?? properties("qr_code").shownText("qr_string")
        url =
            ["invoice_url", "redirect_url", "payment_url", "deeplink_url"].lazy.compactMap { Self.link(information[$0]) }.first
            ?? Self.action(in: information)
    }

    /// The first page or app among the provider's actions.
    private static func action(in information: JSON) -> String? {
        guard case .array(let actions)? = information["actions"] else { return nil }
        let order = ["WEB", "MOBILE", "DEEPLINK"]
        let sorted = actions.sorted {
            (order.firstIndex(of: $0.optionalText("url_type") ?? "") ?? 3)
                < (order.firstIndex(of: $1.optionalText("url_type") ?? "") ?? 3)
        }
        return sorted.lazy.compactMap { link($0["url"]) }.first
    }

    /// A page, or an app by its own scheme, but nothing that a browser or a phone would run or open by itself.
    private static func link(_ value: JSON?) -> String? {
        guard case .string(let text)? = value else { return nil }
        if let url = WebURL(text) { return url.text }
        guard let end = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<end.lowerBound].lowercased()
        let isScheme = scheme.first?.isLetter ?? false && scheme.utf8.allSatisfy { isOfScheme($0) }
        // Visible ASCII, without what has to be encoded in a URI (RFC 3986, section 2).
        let isURI = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !unsafe.contains($0) }
        return isScheme && isURI && !others.contains(scheme) ? text : nil
    }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static let unsafe = Array("\"<>\\^`{|}".utf8)

    /// Schemes that are no app's of a wallet.
    private static let others: Set = [
        "http", "https", "javascript", "data", "vbscript", "file", "blob", "filesystem", "intent", "smb", "ftp", "sftp", "about",
        "view-source", "ws", "wss", "chrome", "content", "android-app", "jar", "ms-appx", "ldap", "ssh", "telnet",
    ]
}

extension JSON {
    /// The text of a member, or the digits of a number; `nil` if there is none or it is empty.
    func shownText(_ name: String) -> String? {
        switch self[name] {
        case .string(let text)?: text.isEmpty ? nil : text
        case .number(let digits)?: digits
        default: nil
        }
    }
}
