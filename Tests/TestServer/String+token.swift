import Foundation
package import JSON

extension String {
    /// The claims of a token, without any check; `null` if it is none.
    package var claims: JSON { tokenPart(1) }

    /// The header of a token, without any check; `null` if it is none.
    package var tokenHeader: JSON { tokenPart(0) }

    private func tokenPart(_ number: Int) -> JSON {
        let parts = split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return .null }
        let text = parts[number].replacing("-", with: "+").replacing("_", with: "/")
        let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
        guard let bytes = Data(base64Encoded: String(padded)) else { return .null }
        return (try? JSON(parsing: [UInt8](bytes))) ?? .null
    }
}
