/// A customer's integer id, unique within its store.
package struct CustomerID: Hashable, Sendable, CustomStringConvertible {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }

    package var description: String { String(number) }
}
