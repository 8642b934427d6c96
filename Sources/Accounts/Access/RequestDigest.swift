import Crypto
import Foundation

/// The digest of a request, by which it is recognized when it is repeated.
package enum RequestDigest {
    /// SHA-256 of texts and a body. Each text counts with its length, so that none can go over into another.
    package static func of(_ texts: [String], body: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        for text in texts { hash.update(data: Data("\(text.utf8.count) \(text)".utf8)) }
        hash.update(data: body)
        return Array(hash.finalize())
    }
}
