/// A parsed JSON text (RFC 8259): its bytes, and the positions of its values in them.
///
/// It is meant for texts that are read in bulk and of which little is needed, above all orders: nothing is copied out of the text,
/// numbers keep their digits, and objects keep the order of their members. Use ``JSON`` for values that are created, changed or kept
/// without their text.
package struct JSONText: Sendable {
    /// The original text in UTF-8.
    package let bytes: [UInt8]
    private let nodes: [Node]

    /// Parses a JSON text.
    ///
    /// It is stricter than the RFC requires: a duplicate name in an object, a lone surrogate, more than ``JSON/maximumDepth``
    /// levels and more than ``JSON/maximumMembers`` members are rejected, because programs differ in how they read them.
    /// - Throws: ``JSONSyntaxError``.
    package init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
        self.bytes = bytes
        nodes = try bytes.withUnsafeBufferPointer { bytes throws(JSONSyntaxError) in
            var parser = JSONParser(bytes: bytes)
            return try parser.document()
        }
    }

    /// Calls `body` with the text's value, which is valid only during the call.
    /// - Throws: whatever `body` throws.
    package func withValue<Result, Failure: Error>(
        _ body: (JSONView) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer { bytes throws(Failure) in
            try nodes.withUnsafeBufferPointer { nodes throws(Failure) in
                // A parsed text has at least one byte and one value.
                try body(JSONView(bytes: bytes.baseAddress!, nodes: nodes.baseAddress!, position: 0))
            }
        }
    }

    /// The elements of the array that the text contains, each as a separate text without whitespace; empty if the text is not an
    /// array.
    package var elements: [[UInt8]] { withValue { Self.texts(of: $0) } }

    /// The same for the array that is a member of the object that the text contains; `nil` if there is none.
    package func elements(of name: String) -> [[UInt8]]? {
        withValue { value in value[name].flatMap { $0.kind == .array ? Self.texts(of: $0) : nil } }
    }

    private static func texts(of array: JSONView) -> [[UInt8]] {
        array.elements.map { element in
            var writer = JSONWriter()
            writer.append(element)
            return writer.bytes
        }
    }

    /// The position of a value or of a member's name. The values in an array or an object follow it, each name before its value.
    package struct Node: Sendable {
        package enum Kind: UInt8, Sendable {
            case null, `false`, `true`, number, string, array, object
        }

        let kind: Kind
        /// Whether a string or a name contains escapes.
        var isEscaped = false
        /// The first byte; for a string or a name, the byte after the opening quote.
        let start: UInt32
        /// The end, exclusive; for a string or a name, the closing quote.
        var end: UInt32
        /// For a value, the index of the node after it and its contents; for a name, its ``JSONName/hash(of:)``.
        var link: UInt32
    }
}
