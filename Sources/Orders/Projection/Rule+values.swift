/// The rules for single values, each as `projection.md` has it.
extension Rule {
    /// Text as given; a number stands for its digits. `null` where there is none.
    static let text = nullable("string", ["minLength": 1], Self.readText)
    static let requiredText = required("string", ["minLength": 1], Self.readText)

    /// An `http(s)://` address as given; `null` for anything else.
    static let url = Rule(schema: ["type": ["string", "null"], "format": "uri", "pattern": "^https?://"]) {
        value, _, writer in
        writer.append(WebURL(value).map { .string($0.text) } ?? .null)
    }

    static let integer = nullable("integer", [:], Self.readInteger)
    static let requiredInteger = required("integer", [:], Self.readInteger)
    static let quantity = required("integer", ["minimum": 0]) { value throws(Refusal) in
        let number = try Self.integer(value)
        guard number >= 0 else { throw Refusal("", "is less than 0") }
        return .number(String(number))
    }

    static let boolean = nullable("boolean", [:], Self.readBoolean)

    /// An amount of money: a decimal string with exactly two decimals.
    static let money = nullable("string", ["pattern": #"^-?\d+\.\d{2}$"#], Self.readMoney)
    static let requiredMoney = required("string", ["pattern": #"^-?\d+\.\d{2}$"#], Self.readMoney)

    /// A decimal string that keeps its digits, at least two of them after the point.
    static let rate = nullable("string", ["pattern": #"^-?\d+\.\d{2,}$"#]) { value throws(Refusal) in
        .string(try Self.decimal(value).text(atLeastDecimals: 2))
    }

    /// Whole grams, rounded half up.
    static let grams = nullable("integer", [:]) { value throws(Refusal) in
        guard let grams = try Self.decimal(value).rounded(toUnitsOfTenTo: 0) else { throw Refusal("", "is too large") }
        return .number(String(grams))
    }

    static let time = nullable("string", timeFormat, Self.readTime)
    static let requiredTime = required("string", timeFormat, Self.readTime)
    private static let timeFormat: JSON = [
        "format": "date-time", "pattern": #"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$"#,
    ]

    static let orderStatus = requiredWord(OrderStatus.self)
    static let paymentStatus = Rule(
        schema: ["enum": .array(PaymentStatus.allCases.map { .string($0.rawValue) } + [.null])]
    ) { value, scope, writer throws(Refusal) in
        if value == .null {
            writer.append(raw: "null")
        } else {
            try requiredWord(PaymentStatus.self).write(value, scope, &writer)
        }
    }

    /// An integer or a text, as given.
    static let integerOrText = Rule(schema: ["type": ["integer", "string", "null"]]) { value, _, writer throws(Refusal) in
        switch value {
        case .null, .string: writer.append(value)
        default: writer.append(.number(String(try Self.integer(value))))
        }
    }

    /// One of the words of an enumeration.
    static func requiredWord<Word: RawRepresentable<String> & CaseIterable & Sendable>(_: Word.Type) -> Rule {
        Rule(schema: ["enum": .array(Word.allCases.map { .string($0.rawValue) })]) { value, _, writer throws(Refusal) in
            guard value != .null else { throw .required }
            guard case .string(let text) = value, Word(rawValue: text) != nil else {
                throw Refusal("", "is none of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            writer.append(string: text)
        }
    }
}

/// How a value is read and written again in the buyer's form.
private typealias Reading = @Sendable (JSON) throws(Refusal) -> JSON

extension Rule {
    private static func nullable(_ type: JSON, _ more: JSON, _ read: @escaping Reading) -> Rule {
        Rule(schema: schema([type, "null"], more)) { value, _, writer throws(Refusal) in
            if case .null = value { writer.append(raw: "null") } else { writer.append(try read(value)) }
        }
    }

    private static func required(_ type: JSON, _ more: JSON, _ read: @escaping Reading) -> Rule {
        Rule(schema: schema(type, more)) { value, _, writer throws(Refusal) in
            if case .null = value { throw .required }
            writer.append(try read(value))
        }
    }

    private static func schema(_ type: JSON, _ more: JSON) -> JSON {
        guard case .object(let object) = more else { return ["type": type] }
        return .object(JSONObject([("type", type)] + object.members.map { ($0.name, $0.value) }))
    }

    private static func readText(_ value: JSON) throws(Refusal) -> JSON {
        switch value {
        case .string: value
        case .number(let digits): .string(digits)
        default: throw Refusal("", "is not text")
        }
    }

    private static func readBoolean(_ value: JSON) throws(Refusal) -> JSON {
        guard case .bool = value else { throw Refusal("", "is neither true nor false") }
        return value
    }

    private static func readInteger(_ value: JSON) throws(Refusal) -> JSON { .number(String(try integer(value))) }

    private static func readMoney(_ value: JSON) throws(Refusal) -> JSON {
        // Mostly it has its form already.
        if case .string(let text) = value, Money.isCanonical(text) { return value }
        guard let units = try decimal(value).rounded(toUnitsOfTenTo: 2) else { throw Refusal("", "is too large") }
        return .string(Money(minorUnits: units).description)
    }

    private static func readTime(_ value: JSON) throws(Refusal) -> JSON {
        guard let time = Timestamp(value) else { throw Refusal("", "is not a time with its offset from UTC (RFC 3339)") }
        return .string(time.description)
    }

    private static func decimal(_ value: JSON) throws(Refusal) -> DecimalText {
        switch value {
        case .string(let text), .number(let text):
            if let number = DecimalText(text) { return number }
            fallthrough
        default: throw Refusal("", "is not a decimal number")
        }
    }

    /// A whole number from a JSON number or its digits in a string.
    static func integer(_ value: JSON) throws(Refusal) -> Int64 {
        switch value {
        case .string(let text), .number(let text):
            if let number = Int64(text) ?? DecimalText(text)?.whole { return number }
            fallthrough
        default: throw Refusal("", "is not a whole number")
        }
    }
}

extension Refusal {
    static let required = Refusal("", "is required")
}

extension Timestamp {
    /// The time that a JSON string holds; `nil` for anything else.
    init?(_ value: JSON) {
        guard case .string(let text) = value else { return nil }
        self.init(text)
    }
}
