import JSON

/// The rules for single values, as specified in `projection.md`.
extension Rule {
    /// Text as given; numbers become their digits. `null` if there is none.
    static let text = nullable("string", ["minLength": 1], Self.writeText)
    static let requiredText = required("string", ["minLength": 1], Self.writeText)

    /// An `http(s)://` URL; `null` for anything else.
    static let url = Rule(schema: ["type": ["string", "null"], "format": "uri", "pattern": "^https?://"]) {
        value, _, writer in
        if let value { writer.append(webURL: value) } else { writer.append(raw: "null") }
    }

    static let integer = nullable("integer", [:], Self.writeInteger)
    static let requiredInteger = required("integer", [:], Self.writeInteger)
    static let quantity = required("integer", ["minimum": 0]) { value, writer throws(Refusal) in
        let number = try Self.integer(value)
        guard number >= 0 else { throw Refusal("", "is less than 0") }
        writer.append(integer: number)
    }

    static let boolean = nullable("boolean", [:]) { value, writer throws(Refusal) in
        guard value.kind == .true || value.kind == .false else { throw Refusal("", "is neither true nor false") }
        writer.append(value)
    }

    /// An amount of money: a decimal string with exactly two decimals.
    static let money = nullable("string", ["pattern": #"^-?\d+\.\d{2}$"#], Self.writeMoney)
    static let requiredMoney = required("string", ["pattern": #"^-?\d+\.\d{2}$"#], Self.writeMoney)

    /// A decimal string that keeps its digits, with at least two decimals.
    static let rate = nullable("string", ["pattern": #"^-?\d+\.\d{2,}$"#]) { value, writer throws(Refusal) in
        writer.append(string: try Self.decimal(value).text(atLeastDecimals: 2))
    }

    /// Whole grams, rounded half up.
    static let grams = nullable("integer", [:]) { value, writer throws(Refusal) in
        guard let grams = try Self.decimal(value).rounded(toUnitsOfTenTo: 0) else { throw Refusal("", "is too large") }
        writer.append(integer: grams)
    }

    static let time = nullable("string", timeFormat, Self.writeTime)
    static let requiredTime = required("string", timeFormat, Self.writeTime)
    private static let timeFormat: JSON = [
        "format": "date-time", "pattern": #"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$"#,
    ]

    static let orderStatus = requiredWord(OrderStatus.self)
    static let paymentStatus = Rule(
        schema: ["enum": .array(PaymentStatus.allCases.map { .string($0.rawValue) } + [.null])]
    ) { value, scope, writer throws(Refusal) in
        guard let value else { return writer.append(raw: "null") }
        if value.text == PaymentStatus.settled.rawValue {
            writer.append(OrderDocument.settledMark)
        } else {
            try requiredWord(PaymentStatus.self).write(value, scope, &writer)
        }
    }

    /// An integer or text, as given.
    static let integerOrText = Rule(schema: ["type": ["integer", "string", "null"]]) { value, _, writer throws(Refusal) in
        switch value?.kind {
        case nil: writer.append(raw: "null")
        case .string: writer.append(value!)
        default: try Self.writeInteger(value!, &writer)
        }
    }

    /// A value of an enumeration.
    static func requiredWord<Word: RawRepresentable<String> & CaseIterable & Sendable>(_: Word.Type) -> Rule {
        Rule(schema: ["enum": .array(Word.allCases.map { .string($0.rawValue) })]) { value, _, writer throws(Refusal) in
            guard let value else { throw .required }
            guard let text = value.text, Word(rawValue: text) != nil else {
                throw Refusal("", "is none of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            writer.append(value)
        }
    }
}

/// Writes a value in the buyer's form.
private typealias Writing = @Sendable (_ value: JSONView, _ writer: inout JSONWriter) throws(Refusal) -> Void

extension Rule {
    private static func nullable(_ type: JSON, _ more: JSON, _ write: @escaping Writing) -> Rule {
        Rule(schema: schema([type, "null"], more)) { value, _, writer throws(Refusal) in
            if let value { try write(value, &writer) } else { writer.append(raw: "null") }
        }
    }

    private static func required(_ type: JSON, _ more: JSON, _ write: @escaping Writing) -> Rule {
        Rule(schema: schema(type, more)) { value, _, writer throws(Refusal) in
            guard let value else { throw .required }
            try write(value, &writer)
        }
    }

    private static func schema(_ type: JSON, _ more: JSON) -> JSON {
        guard case .object(let object) = more else { return ["type": type] }
        return .object(JSONObject([("type", type)] + object.members.map { ($0.name, $0.value) }))
    }

    private static func writeText(_ value: JSONView, _ writer: inout JSONWriter) throws(Refusal) {
        switch value.kind {
        case .string: writer.append(value)
        case .number: value.withUTF8 { writer.append(quoted: $0) }
        default: throw Refusal("", "is not text")
        }
    }

    private static func writeInteger(_ value: JSONView, _ writer: inout JSONWriter) throws(Refusal) {
        writer.append(integer: try integer(value))
    }

    private static func writeMoney(_ value: JSONView, _ writer: inout JSONWriter) throws(Refusal) {
        // Most amounts are already in canonical form.
        if value.kind == .string, value.withUTF8(Money.isCanonical) { return writer.append(value) }
        guard let units = try decimal(value).rounded(toUnitsOfTenTo: 2) else { throw Refusal("", "is too large") }
        writer.append(string: Money(minorUnits: units).description)
    }

    private static func writeTime(_ value: JSONView, _ writer: inout JSONWriter) throws(Refusal) {
        guard let time = Timestamp(value) else { throw Refusal("", "is not a time with its offset from UTC (RFC 3339)") }
        if value.withUTF8(Timestamp.isCanonical) { writer.append(value) } else { writer.append(string: time.description) }
    }

    private static func decimal(_ value: JSONView) throws(Refusal) -> DecimalText {
        guard let number = value.withUTF8({ DecimalText($0) }) else { throw Refusal("", "is not a decimal number") }
        return number
    }

    /// A whole number from a JSON number or from digits in a string.
    static func integer(_ value: JSONView) throws(Refusal) -> Int64 {
        guard let number = value.withUTF8({ Int64(digits: $0) ?? DecimalText($0)?.whole }) else {
            throw Refusal("", "is not a whole number")
        }
        return number
    }
}

extension Int64 {
    /// Parses up to 18 digits without a sign; `nil` for anything else.
    fileprivate init?(digits utf8: UnsafeBufferPointer<UInt8>) {
        guard (1...18).contains(utf8.count) else { return nil }
        var number: Int64 = 0
        for byte in utf8 {
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            number = number * 10 + Int64(digit)
        }
        self = number
    }
}

extension Refusal {
    static let required = Refusal("", "is required")
}

extension Timestamp {
    /// Parses the time in a JSON string; `nil` for anything else.
    init?(_ value: JSONView) {
        guard value.kind == .string, let time = value.withUTF8({ Timestamp($0) }) else { return nil }
        self = time
    }
}
