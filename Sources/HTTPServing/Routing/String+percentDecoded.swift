import Foundation

extension StringProtocol {
    /// The text that a part of a path stands for; `nil` if its encoding is broken.
    package var percentDecoded: String? { utf8.contains(UInt8(ascii: "%")) ? removingPercentEncoding : String(self) }
}
