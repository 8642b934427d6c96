/// A JSON text (RFC 8259) that was read: its bytes, and where in them each of its values stands.
///
/// This is how much is read and little of it is needed, an order above all: nothing is copied out of the text, a number keeps its digits and
/// an object the order of its members. ``JSON`` is the form for what is made, changed or kept without its text.
package struct JSONText: Sendable {
    /// The text as it came, in UTF-8.
    package let bytes: [UInt8]
    private let nodes: [Node]

    /// Reads one JSON text.
    ///
    /// Stricter than the RFC asks: a name given twice in one object, a lone surrogate, more than ``JSON/maximumDepth`` levels and more
    /// than ``JSON/maximumMembers`` members are refused, because each is read differently by different programs.
    /// - Throws: ``JSONSyntaxError``.
    package init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
        self.bytes = bytes
        nodes = try bytes.withUnsafeBufferPointer { bytes throws(JSONSyntaxError) in
            var parser = JSONParser(bytes: bytes)
            return try parser.document()
        }
    }

    /// Calls `body` with the text's value, which is good for no longer than that.
    /// - Throws: what `body` throws.
    package func withValue<Result, Failure: Error>(
        _ body: (JSONView) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer { bytes throws(Failure) in
            try nodes.withUnsafeBufferPointer { nodes throws(Failure) in
                // A text that was read has at least one byte and one value.
                try body(JSONView(bytes: bytes.baseAddress!, nodes: nodes.baseAddress!, position: 0))
            }
        }
    }

    /// The elements of the list that the text is, each as a text of its own without blanks; none where it is something else.
    package var elements: [[UInt8]] {
        withValue { value in
            value.elements.map { element in
                var writer = JSONWriter()
                writer.append(element)
                return writer.bytes
            }
        }
    }

    /// Where one value, or the name of a member, stands. The values within an array or an object follow it, each name before its value.
    package struct Node: Sendable {
        package enum Kind: UInt8, Sendable {
            case null, `false`, `true`, number, string, array, object
        }

        let kind: Kind
        /// Whether a string or a name is written with escapes.
        var isEscaped = false
        /// The first byte; of a string or a name the one after the quote.
        let start: UInt32
        /// The byte after the last; of a string or a name the quote.
        var end: UInt32
        /// Of a value, the node after its last one; of a name its ``JSONName/hash(of:)``.
        var link: UInt32
    }
}
