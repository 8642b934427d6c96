package import HTTPTypes
import JSON
import Orders

/// Collects header fields, in whatever form they are sent.
package protocol HeaderFieldList {
    /// Appends a field. Neither name nor value may contain a line break: never pass unchecked external input.
    mutating func append(_ name: StaticString, _ value: String)
    mutating func append(_ name: StaticString, _ value: Int64)
}

/// Header fields as the bytes of their lines (RFC 9112, section 5), for answers written past the encoder.
package struct HeaderLines: HeaderFieldList, Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    package mutating func append(_ name: StaticString, _ value: String) {
        append(name)
        append(": ")
        bytes.append(contentsOf: value.utf8)
        append("\r\n")
    }

    package mutating func append(_ name: StaticString, _ value: Int64) {
        append(name)
        append(": ")
        bytes.append(decimal: value)
        append("\r\n")
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

extension HTTPFields: HeaderFieldList {
    package mutating func append(_ name: StaticString, _ value: String) {
        append(HTTPField(name: HTTPField.Name("\(name)")!, value: value))
    }

    package mutating func append(_ name: StaticString, _ value: Int64) { append(name, String(value)) }
}
