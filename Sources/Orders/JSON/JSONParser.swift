/// What is wrong with a text that should be JSON.
package struct JSONSyntaxError: Error, Equatable {
    /// What is wrong, for the person who wrote the text; it repeats nothing of the text itself.
    package let reason: String
    /// Bytes before the place where it shows.
    package let offset: Int
}

extension JSON {
    /// How deep arrays and objects may stand in each other: the deepest known order has 6 levels.
    package static let maximumDepth = 64

    /// How many members an object may have: the largest known order has some 110.
    package static let maximumMembers = 4096

    /// Reads one JSON text in UTF-8 (RFC 8259).
    ///
    /// Stricter than the RFC asks: a name given twice in one object, a lone surrogate, more than ``maximumDepth`` levels and more than
    /// ``maximumMembers`` members are refused, because each is read differently by different programs.
    /// - Throws: ``JSONSyntaxError``.
    package init(parsing bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }

    /// Reads one JSON text in UTF-8, as `init(parsing:)` of a buffer does.
    /// - Throws: ``JSONSyntaxError``.
    package init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        let result: Result<JSON, JSONSyntaxError> = bytes.withUnsafeBytes { buffer in
            do throws(JSONSyntaxError) { return .success(try JSON(parsing: buffer)) } catch { return .failure(error) }
        }
        self = try result.get()
    }
}

/// A recursive descent over the bytes of one text.
private struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    var position = 0
    var depth = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func document() throws(JSONSyntaxError) -> JSON {
        skipBlanks()
        let value = try value()
        skipBlanks()
        guard position == bytes.count else { throw failure("something follows the JSON value") }
        return value
    }

    private func failure(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(reason: reason, offset: position) }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONSyntaxError) -> JSON {
        switch peek() {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONSyntaxError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONSyntaxError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-")?, (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return .number(try number())
        case nil: throw failure("the text ends too early")
        default: throw failure("a JSON value was expected")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONSyntaxError) -> JSON
    ) throws(JSONSyntaxError) -> JSON {
        guard depth < JSON.maximumDepth else { throw failure("nested deeper than \(JSON.maximumDepth) levels") }
        depth += 1
        defer { depth -= 1 }
        position += 1
        skipBlanks()
        return try body(&self)
    }

    private mutating func object() throws(JSONSyntaxError) -> JSON {
        var object = JSONObject()
        if take(UInt8(ascii: "}")) { return .object(object) }
        while true {
            guard peek() == UInt8(ascii: "\"") else { throw expected("a name in quotes") }
            let start = position
            let name = try string()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw expected("a colon") }
            skipBlanks()
            let value = try value()
            guard object.append(name, value) else {
                throw JSONSyntaxError(reason: "a name is there twice in one object", offset: start)
            }
            guard object.members.count <= JSON.maximumMembers else {
                throw failure("an object has more than \(JSON.maximumMembers) members")
            }
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(object) }
            guard take(UInt8(ascii: ",")) else { throw expected("a comma or a closing brace") }
            skipBlanks()
        }
    }

    private mutating func array() throws(JSONSyntaxError) -> JSON {
        var elements: [JSON] = []
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value())
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw expected("a comma or a closing bracket") }
            skipBlanks()
        }
    }

    private func expected(_ what: String) -> JSONSyntaxError {
        failure(peek() == nil ? "the text ends too early" : "\(what) was expected")
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw expected("a JSON value") }
        }
        return value
    }

    private mutating func digits() -> Bool {
        let start = position
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        return position > start
    }

    private mutating func number() throws(JSONSyntaxError) -> String {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), !digits() { throw expected("a digit") }
        if take(UInt8(ascii: ".")), !digits() { throw expected("a digit") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { throw expected("a digit") }
        }
        return String(decoding: utf8(from: start, to: position), as: UTF8.self)
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        var isASCII = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                // Decoding what is known to be ASCII takes a third of the time of validating it.
                let text =
                    isASCII
                    ? String(decoding: utf8(from: start, to: position), as: UTF8.self) : try text(from: start, to: position)
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw failure("a control character stands in a string") }
            if byte >= 0x80 { isASCII = false }
            position += 1
        }
        throw failure("the text ends too early")
    }

    private func utf8(from start: Int, to end: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(rebasing: bytes[start..<end]).assumingMemoryBound(to: UInt8.self)
    }

    private func text(from start: Int, to end: Int) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: utf8(from: start, to: end), as: UTF8.self) else {
            throw failure("a string is not UTF-8")
        }
        return text
    }

    /// Goes on with a string that holds at least one escape, from the first one.
    private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var result = try text(from: start, to: position)
        var plainStart = position
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                result += try text(from: plainStart, to: position)
                position += 1
                return result
            case UInt8(ascii: "\\"):
                result += try text(from: plainStart, to: position)
                position += 1
                result.unicodeScalars.append(try escape())
                plainStart = position
            case 0..<0x20: throw failure("a control character stands in a string")
            default: position += 1
            }
        }
        throw failure("the text ends too early")
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard let byte = peek() else { throw failure("the text ends too early") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try hexadecimal()
            if let scalar = Unicode.Scalar(first) { return scalar }
            guard UTF16.isLeadSurrogate(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                throw failure("half of a surrogate pair stands alone")
            }
            let second = try hexadecimal()
            guard UTF16.isTrailSurrogate(second) else { throw failure("half of a surrogate pair stands alone") }
            return UTF16.decode(UTF16.EncodedScalar([first, second]))
        default: throw failure("an unknown escape stands in a string")
        }
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek() else { throw failure("the text ends too early") }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("an unknown escape stands in a string")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
