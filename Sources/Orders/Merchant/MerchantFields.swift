import JSON

/// Reads the few fields of a merchant's object that the service itself needs.
struct MerchantFields {
    private let object: JSONView

    init(_ object: JSONView) { self.object = object }

    /// The value of a field; `nil` if it is absent.
    subscript(name: String) -> JSONView? { object[name].flatMap { $0.isAbsent ? nil : $0 } }

    func text(_ name: String, in parent: String? = nil) throws(Refusal) -> String {
        let path = parent.map { "\($0).\(name)" } ?? name
        let value = parent.map { object[$0]?[name] } ?? object[name]
        guard let value, !value.isAbsent else { throw Refusal(path, "is required") }
        guard let text = value.text else { throw Refusal(path, "is not text") }
        return text
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String) throws(Refusal) -> Word {
        guard let word = Word(rawValue: try text(name)) else {
            throw Refusal(name, "is none of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    func time(_ name: String) throws(Refusal) -> Timestamp? {
        guard let value = self[name] else { return nil }
        guard let time = Timestamp(value) else { throw Refusal(name, "is not a time with its offset from UTC (RFC 3339)") }
        return time
    }
}
