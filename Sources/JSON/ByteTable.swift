/// Byte sequences in one buffer, so that accessing one needs no reference counting.
package struct ByteTable: Sendable {
    private let bytes: [UInt8]
    private let ends: [Int]

    package init(_ elements: [[UInt8]]) {
        bytes = elements.flatMap { $0 }
        var end = 0
        ends = elements.map { element in
            end += element.count
            return end
        }
    }

    package func withElement<Result>(_ position: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[(position == 0 ? 0 : ends[position - 1])..<ends[position]]))
        }
    }
}
