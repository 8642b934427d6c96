/// The reason why a command failed, in words for the person who ran it.
struct OperatorError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
