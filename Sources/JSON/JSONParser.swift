extension JSON {
    /// The maximum nesting of arrays and objects; the deepest known order has 6 levels.
    package static let maximumDepth = 64

    /// The maximum number of members of an object; the largest known order has some 110.
    package static let maximumMembers = 4096
}

/// A recursive descent parser over the bytes of a text that records the position of each value.
struct JSONParser {
    private typealias Node = JSONText.Node

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0
    private var nodes: [Node] = []
    /// The hashes of the names of all open objects, object by object. For the hundred or so members of an order, a linear search
    /// through the hashes is faster than any table.
    private var hashes: [UInt32] = []
    /// The node index of each of these names.
    private var names: [Int] = []

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func document() throws(JSONSyntaxError) -> [JSONText.Node] {
        guard bytes.count < Int(UInt32.max) else { throw failure("longer than 4 GiB") }
        // An order has at least ten bytes per name or value.
        nodes.reserveCapacity(bytes.count / 10 + 8)
        skipBlanks()
        try value()
        skipBlanks()
        guard position == bytes.count else { throw failure("something follows the JSON value") }
        return nodes
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

    private mutating func value() throws(JSONSyntaxError) {
        switch peek() {
        case UInt8(ascii: "{"): try object()
        case UInt8(ascii: "["): try array()
        case UInt8(ascii: "\""):
            let string = try string()
            add(.string, from: string.start, to: string.end, isEscaped: string.isEscaped)
        case UInt8(ascii: "t"): try literal("true", .true)
        case UInt8(ascii: "f"): try literal("false", .false)
        case UInt8(ascii: "n"): try literal("null", .null)
        case UInt8(ascii: "-")?, (UInt8(ascii: "0")...UInt8(ascii: "9"))?: try number()
        case nil: throw failure("the text ends too early")
        default: throw failure("a JSON value was expected")
        }
    }

    private mutating func add(_ kind: Node.Kind, from start: Int, to end: Int, isEscaped: Bool = false) {
        nodes.append(
            Node(
                kind: kind, isEscaped: isEscaped, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
                link: UInt32(truncatingIfNeeded: nodes.count + 1)))
    }

    /// Starts an array or an object, and returns its node index.
    private mutating func open(_ kind: Node.Kind) throws(JSONSyntaxError) -> Int {
        guard depth < JSON.maximumDepth else { throw failure("nested deeper than \(JSON.maximumDepth) levels") }
        depth += 1
        add(kind, from: position, to: position)
        position += 1
        skipBlanks()
        return nodes.count - 1
    }

    private mutating func close(_ place: Int) {
        depth -= 1
        nodes[place].end = UInt32(truncatingIfNeeded: position)
        nodes[place].link = UInt32(truncatingIfNeeded: nodes.count)
    }

    private mutating func object() throws(JSONSyntaxError) {
        let place = try open(.object)
        let firstName = names.count
        defer {
            hashes.removeLast(hashes.count - firstName)
            names.removeLast(names.count - firstName)
        }
        if take(UInt8(ascii: "}")) { return close(place) }
        while true {
            try name(after: firstName)
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw expected("a colon") }
            skipBlanks()
            try value()
            guard names.count - firstName <= JSON.maximumMembers else {
                throw failure("an object has more than \(JSON.maximumMembers) members")
            }
            skipBlanks()
            if take(UInt8(ascii: "}")) { return close(place) }
            guard take(UInt8(ascii: ",")) else { throw expected("a comma or a closing brace") }
            skipBlanks()
        }
    }

    /// Parses the name of a member.
    /// - Parameter first: the index of the first name of the same object.
    private mutating func name(after first: Int) throws(JSONSyntaxError) {
        guard peek() == UInt8(ascii: "\"") else { throw expected("a name in quotes") }
        let string = try string()
        let place = nodes.count
        add(.string, from: string.start, to: string.end, isEscaped: string.isEscaped)
        let hash = withView(of: place) { $0.withUTF8(JSONName.hash) }
        nodes[place].link = hash
        if hashes.hasElement(hash, from: first) {
            for other in first..<names.count where hashes[other] == hash && isSameName(names[other], place) {
                throw JSONSyntaxError(reason: "a name is there twice in one object", offset: string.start - 1)
            }
        }
        hashes.append(hash)
        names.append(place)
    }

    private func isSameName(_ left: Int, _ right: Int) -> Bool {
        withView(of: left) { name in name.at(right).withUTF8 { name.hasName($0) } }
    }

    private func withView<Result>(of place: Int, _ body: (JSONView) -> Result) -> Result {
        nodes.withUnsafeBufferPointer {
            body(JSONView(bytes: bytes.baseAddress!, nodes: $0.baseAddress!, position: place))
        }
    }

    private mutating func array() throws(JSONSyntaxError) {
        let place = try open(.array)
        if take(UInt8(ascii: "]")) { return close(place) }
        while true {
            try value()
            skipBlanks()
            if take(UInt8(ascii: "]")) { return close(place) }
            guard take(UInt8(ascii: ",")) else { throw expected("a comma or a closing bracket") }
            skipBlanks()
        }
    }

    private func expected(_ what: String) -> JSONSyntaxError {
        failure(peek() == nil ? "the text ends too early" : "\(what) was expected")
    }

    private mutating func literal(_ word: StaticString, _ kind: Node.Kind) throws(JSONSyntaxError) {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw expected("a JSON value") }
        }
        add(kind, from: start, to: position)
    }

    private mutating func digits() -> Bool {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") <= 9 { position += 1 }
        return position > start
    }

    private mutating func number() throws(JSONSyntaxError) {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), !digits() { throw expected("a digit") }
        if take(UInt8(ascii: ".")), !digits() { throw expected("a digit") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { throw expected("a digit") }
        }
        add(.number, from: start, to: position)
    }

    /// Parses a string from its opening quote; the content between the quotes stays in place.
    private mutating func string() throws(JSONSyntaxError) -> (start: Int, end: Int, isEscaped: Bool) {
        position += 1
        let start = position
        var isASCII = true
        var isEscaped = false
        while true {
            skipPlainASCII()
            guard let byte = peek() else { throw failure("the text ends too early") }
            switch byte {
            case UInt8(ascii: "\""):
                if !isASCII, String(validating: slice(start, position), as: UTF8.self) == nil {
                    throw failure("a string is not UTF-8")
                }
                position += 1
                return (start, position - 1, isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                position += 1
                try skipEscape()
            case 0..<0x20: throw failure("a control character stands in a string")
            default:
                if byte >= 0x80 { isASCII = false }
                position += 1
            }
        }
    }

    /// Skips, eight bytes at a time, to the next quote, backslash, control character or non-ASCII byte.
    private mutating func skipPlainASCII() {
        let raw = UnsafeRawBufferPointer(bytes)
        while position + 8 <= raw.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            // The lowest byte with its high bit set is the first special one.
            let (quote, backslash) = (word ^ 0x2222_2222_2222_2222, word ^ 0x5C5C_5C5C_5C5C_5C5C)
            let quotes = (quote &- 0x0101_0101_0101_0101) & ~quote
            let backslashes = (backslash &- 0x0101_0101_0101_0101) & ~backslash
            let controls = (word &- 0x2020_2020_2020_2020) & ~word
            let special = (quotes | backslashes | controls | word) & 0x8080_8080_8080_8080
            if special != 0 {
                position += special.trailingZeroBitCount >> 3
                return
            }
            position += 8
        }
    }

    private func slice(_ start: Int, _ end: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[start..<end])
    }

    /// Skips an escape after its backslash.
    private mutating func skipEscape() throws(JSONSyntaxError) {
        guard let byte = peek() else { throw failure("the text ends too early") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            let first = try hexadecimal()
            guard UTF16.isLeadSurrogate(first) || UTF16.isTrailSurrogate(first) else { return }
            guard UTF16.isLeadSurrogate(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")),
                UTF16.isTrailSurrogate(try hexadecimal())
            else { throw failure("half of a surrogate pair stands alone") }
        default: throw failure("an unknown escape stands in a string")
        }
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek() else { throw failure("the text ends too early") }
            guard let digit = Hexadecimal.value(byte) else { throw failure("an unknown escape stands in a string") }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}

extension [UInt32] {
    /// Whether the element occurs at or after the given position.
    fileprivate func hasElement(_ element: UInt32, from first: Int) -> Bool {
        withUnsafeBufferPointer { elements in
            // The loop has no early exit, so that the compiler can vectorize it.
            var found = false
            for position in first..<elements.count { found = (elements[position] == element) || found }
            return found
        }
    }
}
