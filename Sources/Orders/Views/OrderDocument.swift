/// A buyer's order encoded once, when it is written, with marks where the store, the customer and the public URL go.
///
/// The marks are control characters, which JSON text never holds as they are (RFC 8259, section 7), so that they need no escaping and
/// no value can forge one. They all stand before the order's own fields; joining looks no further than the last of them.
package struct OrderDocument: Equatable, Sendable {
    static let storeMark: UInt8 = 0x01
    static let customerMark: UInt8 = 0x02
    /// Begins a link that is made of the public URL and what stands between this and the end mark; `null` without a public URL.
    static let linkMark: UInt8 = 0x03
    static let linkEndMark: UInt8 = 0x04

    /// The bytes to keep.
    package let template: [UInt8]

    package init(template: [UInt8]) { self.template = template }

    /// Appends the whole response to `result`.
    /// - Parameters:
    ///   - store: the store as it is now, as JSON.
    ///   - customer: the customer as it is now, as JSON.
    ///   - publicURL: where the service is reached, without a slash at the end; `nil` where that is not known.
    package func join(store: [UInt8], customer: [UInt8], publicURL: PublicURL?, onto result: inout [UInt8]) {
        template.withUnsafeBufferPointer { template in
            var start = 0
            var position = 0
            scan: while position < template.count {
                let byte = template[position]
                guard byte < 0x20 else {
                    position += 1
                    continue
                }
                result.append(contentsOf: template[start..<position])
                position += 1
                start = position
                switch byte {
                case Self.storeMark: result.append(contentsOf: store)
                case Self.customerMark:
                    result.append(contentsOf: customer)
                    break scan
                default:
                    position = template[start...].firstIndex(of: Self.linkEndMark) ?? template.count
                    if let publicURL {
                        result.append(contentsOf: publicURL.openingQuoteAndText)
                        result.append(contentsOf: template[start..<position])
                        result.append(UInt8(ascii: "\""))
                    } else {
                        result.append(contentsOf: "null".utf8)
                    }
                    position += 1
                    start = position
                }
            }
            result.append(contentsOf: template[start...])
        }
    }
}
