package import HummingbirdCore
package import Orders

/// The values of a query's parameters. An empty one counts as none.
extension FlatDictionary<Substring, Substring> {
    package func text(_ name: String) -> String? { self[Substring(name)].flatMap { $0.isEmpty ? nil : String($0) } }

    /// - Throws: ``Failure/invalidParameter(_:_:)``.
    package func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String) throws(Failure) -> Word? {
        guard let text = text(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw .invalidParameter(name, "is none of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    /// - Throws: ``Failure/invalidParameter(_:_:)``.
    package func time(_ name: String) throws(Failure) -> Timestamp? {
        guard let text = text(name) else { return nil }
        guard let time = Timestamp(text) else {
            throw .invalidParameter(name, "is not a time with its offset from UTC (RFC 3339), in which a + is written %2B")
        }
        return time
    }
}
