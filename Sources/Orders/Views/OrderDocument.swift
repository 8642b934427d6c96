/// A buyer's order, encoded once when it is written, with marks in place of the store, the customer and the public URL.
///
/// The marks are control characters, which JSON never contains unescaped (RFC 8259, section 7), so the marks need no escaping and
/// no value can forge one. The customer's mark is the last one but for a settled order; joining scans no further.
package struct OrderDocument: Equatable, Sendable {
    static let storeMark: UInt8 = 0x01
    static let customerMark: UInt8 = 0x02
    /// Starts a link that consists of the public URL and the text up to the end mark; `null` without a public URL.
    static let linkMark: UInt8 = 0x03
    static let linkEndMark: UInt8 = 0x04
    /// The customer of an order that also has a ``settledMark``, which comes later.
    static let customerOfSettledMark: UInt8 = 0x06
    /// The payment status `settled`, which some stores want to be shown as `paid` (``BuyerStore/settledAsPaid``).
    static let settledMark: UInt8 = 0x07

    private static let paid = Array(#""paid""#.utf8)
    private static let settled = Array(#""settled""#.utf8)

    /// The bytes to store.
    package let template: [UInt8]

    package init(template: [UInt8]) { self.template = template }

    /// Appends the complete response to `result`.
    /// - Parameters:
    ///   - store: the current state of the store, as ``MerchantStore/document``.
    ///   - customer: the current state of the customer, as JSON.
    ///   - publicURL: the service's URL without a trailing slash; `nil` if it is unknown.
    package func join(store: [UInt8], customer: [UInt8], publicURL: PublicURL?, onto result: inout [UInt8]) {
        let settledAsPaid = store.last == BuyerStore.settledAsPaid
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
                case Self.storeMark: result.append(contentsOf: settledAsPaid ? store.dropLast() : store[...])
                case Self.customerOfSettledMark: result.append(contentsOf: customer)
                case Self.settledMark:
                    result.append(contentsOf: settledAsPaid ? Self.paid : Self.settled)
                    break scan
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
                    position = min(position + 1, template.count)
                    start = position
                }
            }
            result.append(contentsOf: template[start...])
        }
    }
}
