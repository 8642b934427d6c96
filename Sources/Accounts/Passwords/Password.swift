import Foundation
package import Orders

/// A password in the form that is hashed: Unicode compatibility form (NFKC), so that it is the same from every keyboard.
package struct Password: Sendable {
    package static let lengths = 8...200

    let bytes: [UInt8]

    /// A password presented for verification; any text is accepted.
    package init(presented text: String) { bytes = Array(Self.normalized(text).utf8) }

    /// A new password.
    /// - Parameter email: the customer's e-mail address, which must not be the password.
    /// - Throws: ``Refused``.
    package init(new text: String, for email: EmailAddress?) throws(Refused) {
        let normalized = Self.normalized(text)
        let length = normalized.unicodeScalars.count
        guard length >= Self.lengths.lowerBound else { throw .tooShort }
        guard length <= Self.lengths.upperBound else { throw .tooLong }
        let plain = normalized.lowercased()
        guard !CommonPasswords.contain(plain), plain != email?.text, plain != email?.localPart else { throw .common }
        bytes = Array(normalized.utf8)
    }

    /// Why a password is rejected.
    package enum Refused: Error, Equatable {
        case tooShort, tooLong, common

        /// The reason, for the person who chose the password.
        package var message: String {
            switch self {
            case .tooShort: "must have at least \(Password.lengths.lowerBound) characters"
            case .tooLong: "must have at most \(Password.lengths.upperBound) characters"
            case .common: "is one that many people use or is easy to guess: choose another"
            }
        }
    }

    private static func normalized(_ text: String) -> String { text.precomposedStringWithCompatibilityMapping }
}
