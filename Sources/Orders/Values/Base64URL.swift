package import Foundation

extension DataProtocol {
    /// URL-safe base64 (RFC 4648, section 5) without padding.
    package var base64URLEncoded: String {
        Data(self).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension Data {
    /// Decodes URL-safe base64 (RFC 4648, section 5) without padding; `nil` for anything else.
    package init?(base64URLEncoded text: String) {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        self.init(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding)
    }
}
