/// Byte sequences in one buffer, so that accessing one needs no reference counting.
package struct ByteTable: Sendable {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline let ends: [Int]

    package init(_ elements: [[UInt8]]) {
        bytes = elements.flatMap { $0 }
        var end = 0
        ends = elements.map { element in
            end += element.count
            return end
        }
    }

    /// Inlinable, as is ``JSONView/withUTF8(_:)``: other modules would call it unspecialized, and it runs for each field of an order.
    @inlinable package func withElement<Result>(_ position: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[(position == 0 ? 0 : ends[position - 1])..<ends[position]]))
        }
    }
}
