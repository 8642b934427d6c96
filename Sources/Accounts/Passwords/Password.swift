import Foundation
package import Orders

/// A password as it is hashed: in Unicode's compatibility form (NFKC), so that it is the same from every keyboard.
package struct Password: Sendable {
    package static let lengths = 8...200

    let bytes: [UInt8]

    /// What somebody presents as their password; that is anything.
    package init(presented text: String) { bytes = Array(Self.normalized(text).utf8) }

    /// A password that somebody wants to have from now on.
    /// - Parameter email: the customer's address, which is no password.
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

    /// Why a password can't be taken.
    package enum Refused: Error, Equatable {
        case tooShort, tooLong, common

        /// For the person who chose it.
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
