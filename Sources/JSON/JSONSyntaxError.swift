/// An error in a JSON text.
package struct JSONSyntaxError: Error, Equatable {
    /// The error, for the person who wrote the text; it repeats nothing of the text itself.
    package let reason: String
    /// The byte offset of the error.
    package let offset: Int

    package init(reason: String, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
