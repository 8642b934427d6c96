import Crypto
import Foundation

/// The secret with which a merchant's own system calls the business API, as `Authorization: Bearer`. It is shown once, and stored as its digest.
package struct BusinessKey: Hashable, Sendable {
    /// `sk_` or `rk_`, 36 random letters and digits, and 6 that are a checksum, by which a scanner recognizes a key that was published.
    package let text: String

    private static let randomLength = 36
    private static let checksumLength = 6
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// A new key with 214 random bits.
    /// - Parameter isRestricted: whether it has named scopes only (`rk_`).
    package init(isRestricted: Bool) {
        var generator = SystemRandomNumberGenerator()
        let random = (0..<Self.randomLength).map { _ in Self.alphabet.randomElement(using: &generator)! }
        let start = (isRestricted ? "rk_" : "sk_") + String(decoding: random, as: UTF8.self)
        text = start + Self.checksum(of: start)
    }

    /// `nil` for what no key looks like, such as one with a wrong checksum.
    package init?(_ text: String) {
        let length = 3 + Self.randomLength + Self.checksumLength
        guard text.utf8.count == length, text.hasPrefix("sk_") || text.hasPrefix("rk_"),
            text.utf8.dropFirst(3).allSatisfy(Self.alphabet.contains)
        else { return nil }
        let start = String(text.dropLast(Self.checksumLength))
        guard start + Self.checksum(of: start) == text else { return nil }
        self.text = text
    }

    /// The kind of the key and its last four characters.
    package var hint: String { "\(text.prefix(3))…\(text.suffix(4))" }

    /// What is stored: SHA-256, which is enough for a secret that nobody can guess.
    package var digest: [UInt8] { Array(SHA256.hash(data: Data(text.utf8))) }

    /// The first four bytes of SHA-256, in base 62 with leading zeros.
    private static func checksum(of start: String) -> String {
        var rest = SHA256.hash(data: Data(start.utf8)).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        var digits: [UInt8] = []
        for _ in 0..<checksumLength {
            digits.append(alphabet[Int(rest % 62)])
            rest /= 62
        }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }
}
