/// What is wrong with a text that should be JSON.
package struct JSONSyntaxError: Error, Equatable {
    /// What is wrong, for the person who wrote the text; it repeats nothing of the text itself.
    package let reason: String
    /// Bytes before the place where it shows.
    package let offset: Int

    package init(reason: String, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
