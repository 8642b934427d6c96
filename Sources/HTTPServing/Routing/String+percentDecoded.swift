import Foundation

extension StringProtocol {
    /// The percent-decoded form of a path segment; `nil` if its encoding is invalid.
    package var percentDecoded: String? { utf8.contains(UInt8(ascii: "%")) ? removingPercentEncoding : String(self) }
}
