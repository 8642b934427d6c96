import Foundation
import Hummingbird

extension ServingContext {
    /// A parameter of the path, percent-decoded; `nil` where its encoding is broken.
    package func pathParameter(_ name: String) -> String? {
        guard let raw = parameters.get(name) else { return nil }
        return raw.utf8.contains(UInt8(ascii: "%")) ? raw.removingPercentEncoding : raw
    }
}
