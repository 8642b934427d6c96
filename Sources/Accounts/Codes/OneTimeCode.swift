import Crypto
import Foundation

/// A six-digit code that proves, once and within ten minutes, that someone reads the mail of an address.
package struct OneTimeCode: Sendable {
    package static let lifetime: Int64 = 600
    /// The maximum number of attempts per code.
    package static let tries: Int64 = 5
    /// The last of them, which only owners can use: clients that have signed in with the address before, or, until anyone
    /// has, those that asked for the code.
    package static let triesOfOwner: Int64 = 2

    /// The six digits.
    package let text: String

    /// A new code from the system's random number generator.
    package init() {
        var generator = SystemRandomNumberGenerator()
        let digits = String(Int.random(in: 0..<1_000_000, using: &generator))
        text = String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Parses what a person typed or pasted; `nil` if it is not six digits.
    ///
    /// Digits may be those of any script, such as full-width ones. Blanks, line breaks, invisible characters and hyphens are ignored.
    package init?(_ typed: String) {
        guard typed.utf8.count <= 200 else { return nil }
        var digits = ""
        for scalar in typed.unicodeScalars where !Self.isIgnored(scalar) {
            guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
            digits += String(Int(value))
        }
        guard digits.utf8.count == 6 else { return nil }
        text = digits
    }

    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .dashPunctuation, .spaceSeparator, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

/// A one-time code in its stored form.
package struct OneTimeCodeHash: Hashable, Sendable {
    package let salt: [UInt8]
    package let digest: [UInt8]

    package init(salt: [UInt8], digest: [UInt8]) {
        self.salt = salt
        self.digest = digest
    }

    /// Hashes a code with a new salt.
    package init(_ code: OneTimeCode) {
        let key = SymmetricKey(size: .bits256)
        salt = key.withUnsafeBytes { [UInt8]($0) }
        digest = [UInt8](HMAC<SHA256>.authenticationCode(for: Data(code.text.utf8), using: key))
    }

    /// Whether this is the hash of the code, compared in constant time.
    package func matches(_ code: OneTimeCode) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(digest, authenticating: Data(code.text.utf8), using: SymmetricKey(data: salt))
    }
}
