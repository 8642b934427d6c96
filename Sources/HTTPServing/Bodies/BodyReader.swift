package import JSON
package import Orders

/// Reads the fields of a request's body, and collects the errors in them.
package struct BodyReader {
    private let body: JSON
    private var errors: [FieldError] = []

    package init(_ body: JSON) { self.body = body }

    /// - Throws: ``Failure/invalidContent(_:)`` if there were any errors.
    package func finish() throws(Failure) {
        if !errors.isEmpty { throw .invalidContent(errors) }
    }

    /// The values of required fields.
    /// - Throws: ``Failure/invalidContent(_:)`` if there were any errors.
    package func finish<each Value>(_ values: repeat (each Value)?) throws(Failure) -> (repeat each Value) {
        try finish()
        func present<One>(_ value: One?) throws(Failure) -> One {
            guard let value else { throw .internalError }
            return value
        }
        return (repeat try present(each values))
    }

    /// Notes an error, once.
    package mutating func refuse(_ field: String, _ message: String) {
        let error = FieldError(field, message)
        if !errors.contains(error) { errors.append(error) }
    }

    /// Whether a field is present and not `null`.
    package func isGiven(_ field: String) -> Bool { body[field] != nil && body[field] != .null }

    /// A required text; empty if it is invalid.
    package mutating func text(_ field: String, maximum: Int, hasLines: Bool = false) -> String {
        let before = errors.count
        if let text = optionalText(field, maximum: maximum, hasLines: hasLines) { return text }
        if errors.count == before { refuse(field, "is required") }
        return ""
    }

    /// An optional text without surrounding whitespace; `nil` if it is missing, empty or invalid.
    /// - Parameter hasLines: whether it may contain several lines.
    package mutating func optionalText(_ field: String, maximum: Int, hasLines: Bool = false) -> String? {
        switch body[field] {
        case nil, .null?: return nil
        // Most texts are short, in ASCII and without surrounding blanks: none of what follows concerns them.
        case .string(let given)? where given.isPlain && given.utf8.count <= maximum: return given.isEmpty ? nil : given
        case .string(let given)?:
            // Forms and clipboards write a line break in several ways.
            let text = hasLines ? given.trimmed.replacing("\r\n", with: "\n").replacing("\r", with: "\n") : given.trimmed
            guard text.unicodeScalars.count <= maximum else {
                refuse(field, "is longer than \(maximum) characters")
                return nil
            }
            // These include characters that would break a line of a mail or a table, and the one that PostgreSQL can't store.
            guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && !($0 == "\n" && hasLines) })
            else {
                refuse(field, "holds a control character")
                return nil
            }
            return text.isEmpty ? nil : text
        default:
            refuse(field, "is not text")
            return nil
        }
    }

    /// An optional phone number: a text, or a number as its digits; `nil` if it is missing, empty or invalid.
    package mutating func optionalPhone(_ field: String) -> String? {
        guard case .number(let digits)? = body[field] else { return optionalText(field, maximum: 50) }
        guard digits.utf8.count <= 50, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            refuse(field, "is not a phone number")
            return nil
        }
        return digits
    }

    /// An optional date, as `2001-12-31`; `nil` if it is missing, empty or invalid.
    package mutating func optionalDate(_ field: String) -> String? {
        guard let text = optionalText(field, maximum: 10) else { return nil }
        guard text.utf8.count == 10, Timestamp(text + "T00:00:00Z") != nil else {
            refuse(field, "is not a date such as 2001-12-31")
            return nil
        }
        return text
    }

    /// A flag; `nil` if it is missing or invalid.
    package mutating func flag(_ field: String) -> Bool? {
        switch body[field] {
        case nil, .null?: return nil
        case .bool(let flag)?: return flag
        default:
            refuse(field, "is neither true nor false")
            return nil
        }
    }

    /// Takes over the errors of an object within the body.
    package mutating func add(_ object: BodyReader, in field: String) {
        errors += object.errors.map { FieldError("\(field).\($0.field)", $0.message) }
    }

    /// A secret, unchanged; empty if it is invalid.
    package mutating func secret(_ field: String) -> String {
        switch body[field] {
        case nil, .null?, .string("")?: refuse(field, "is required")
        case .string(let text)?: return text
        default: refuse(field, "is not text")
        }
        return ""
    }

    /// A required e-mail address.
    package mutating func email(_ field: String) -> EmailAddress? {
        value(field, otherwise: "is not an e-mail address") { EmailAddress($0) }
    }

    /// A required value, parsed from a text; `nil` if it is invalid.
    /// - Parameter otherwise: the error if `read` returns `nil`.
    package mutating func value<Value>(_ field: String, otherwise: String, _ read: (String) -> Value?) -> Value? {
        let before = errors.count
        let text = secret(field)
        if errors.count > before { return nil }
        let value = read(text)
        if value == nil { refuse(field, otherwise) }
        return value
    }

    /// A required list.
    package mutating func list(_ field: String) -> [JSON]? {
        if case .array(let elements)? = body[field] { return elements }
        refuse(field, body[field] == nil ? "is required" : "is not a list")
        return nil
    }

    /// A word of an enumeration; `nil` if it is missing or invalid.
    package mutating func word<Word: RawRepresentable<String> & CaseIterable>(_ field: String, _ type: Word.Type) -> Word? {
        guard isGiven(field) else { return nil }
        if case .string(let text)? = body[field], let word = Word(rawValue: text) { return word }
        refuse(field, "is none of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// Refuses all fields that are not among the known ones, and names what may have been meant.
    package mutating func refuseOthers(than known: [String]) {
        guard case .object(let object) = body else { return }
        // Enough for a person, and no work for a body of nothing else.
        for name in object.members.lazy.map(\.name).filter({ !known.contains($0) }).prefix(20) {
            refuse(name, known.words(forUnknown: name))
        }
    }

    /// One of several words; `nil` if it is missing or invalid.
    package mutating func choice(_ field: String, of words: [String]) -> String? {
        guard isGiven(field) else { return nil }
        if case .string(let text)? = body[field], words.contains(text) { return text }
        refuse(field, "is none of \(words.joined(separator: ", "))")
        return nil
    }

    /// An amount of money, as a number or a decimal string, from 0 to a trillion; `nil` if it is missing or invalid.
    package mutating func amount(_ field: String) -> Money? {
        let text: String
        switch body[field] {
        case nil, .null?: return nil
        case .string(let given)?, .number(let given)?: text = given
        default:
            refuse(field, "is not an amount")
            return nil
        }
        // The text is checked as well: nothing is rounded without saying so.
        guard let number = DecimalText(text) else {
            refuse(field, text.utf8.count > 30 ? "is too large" : "is not an amount")
            return nil
        }
        if number.isNegative {
            refuse(field, "is negative")
        } else if number.text(atLeastDecimals: 2).split(separator: ".")[1].utf8.count > 2 {
            refuse(field, "has more than two decimals")
        } else if let units = number.rounded(toUnitsOfTenTo: 2), units <= Self.maximumAmount {
            return Money(minorUnits: units)
        } else {
            refuse(field, "is too large")
        }
        return nil
    }

    /// In minor units.
    private static let maximumAmount: Int64 = 100_000_000_000_000

    /// A URL of the web, as stored; `nil` if it is missing, empty or invalid.
    package mutating func optionalURL(_ field: String) -> String? {
        guard let text = optionalText(field, maximum: 2000) else { return nil }
        let url = WebURL(text)
        if url == nil { refuse(field, "is no http(s):// URL") }
        return url?.text
    }

    /// A time; `nil` if it is missing, empty or invalid.
    package mutating func optionalTime(_ field: String) -> Timestamp? {
        guard let text = optionalText(field, maximum: 40) else { return nil }
        let time = Timestamp(text)
        if time == nil { refuse(field, "is not a time with its offset from UTC (RFC 3339)") }
        return time
    }

    /// A required time; `nil` if it is invalid.
    package mutating func time(_ field: String) -> Timestamp? {
        if isEmpty(field) { refuse(field, "is required") }
        return optionalTime(field)
    }

    /// The value of a field as it is; `nil` if it is missing.
    package subscript(field: String) -> JSON? { body[field] }

    /// A required list of texts.
    package mutating func texts(_ field: String, maximum: Int) -> [String] {
        guard let elements = list(field) else { return [] }
        guard elements.count <= maximum else {
            refuse(field, "has more than \(maximum) elements")
            return []
        }
        let texts = elements.compactMap { element -> String? in if case .string(let text) = element { text } else { nil } }
        if texts.count < elements.count { refuse(field, "has an element that is not text") }
        return texts
    }

    /// An integer; `nil` if the field is not a whole number.
    package mutating func integer(_ field: String) -> Int64? {
        guard case .number(let digits)? = body[field] else { return nil }
        guard let number = Int64(digits) else {
            refuse(field, "is not a whole number")
            return nil
        }
        return number
    }

    /// Whether a field holds a number.
    package func isNumber(_ field: String) -> Bool { if case .number? = body[field] { true } else { false } }

    /// Whether a field is missing, `null` or a text of nothing but blanks.
    package func isEmpty(_ field: String) -> Bool {
        if case .string(let text)? = body[field] { text.allSatisfy(\.isWhitespace) } else { !isGiven(field) }
    }

    /// Whether a field is present, even as `null`.
    package func isThere(_ field: String) -> Bool { body[field] != nil }
}

extension String {
    /// Whether it is in ASCII, without control characters and surrounding blanks.
    fileprivate var isPlain: Bool {
        let blank = UInt8(ascii: " ")
        return utf8.first != blank && utf8.last != blank && utf8.allSatisfy { $0 >= blank && $0 < 0x7F }
    }

    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
