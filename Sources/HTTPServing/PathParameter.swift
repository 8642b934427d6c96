import Foundation
import Hummingbird

extension ServingContext {
    /// A parameter of the path, percent-decoded; `nil` where its encoding is broken.
    package func pathParameter(_ name: String) -> String? {
        parameters.get(name).flatMap { $0.percentDecoded }
    }
}

extension StringProtocol {
    /// What a part of a path stands for; `nil` where its encoding is broken.
    package var percentDecoded: String? { utf8.contains(UInt8(ascii: "%")) ? removingPercentEncoding : String(self) }
}
