package import JSON
import Orders

/// Reads the stores or orders to import one by one: one per line (NDJSON), or the elements of a single JSON list.
package struct ImportInput {
    /// One entry of the input and its number: its line, or its position in the list, counted from 1.
    struct Entry: Sendable {
        let number: Int
        let content: Content
        /// What the operator should know about the whole input.
        var note: Refusal?

        enum Content: Sendable {
            /// Unparsed text that should be JSON: a line of NDJSON, or an element of a list.
            case text([UInt8])
            case unreadable(Refusal)
        }
    }

    /// The maximum length of a line in bytes: 150 times the longest known order.
    package static let maximumLineLength = 4 << 20
    /// The maximum length of a JSON list in bytes; NDJSON may have any length.
    package static let maximumListLength = 64 << 20

    private var lines: LineReader?
    private var lineNumber = 0
    private var elements: [[UInt8]] = []
    private var isList = false
    /// Whether the list is an API's page, after which there are others.
    private var isOneOfPages = false
    private var isFirst = true

    /// - Parameter descriptor: an open file, which stays open.
    package init(descriptor: Int32) {
        lines = LineReader(descriptor: descriptor, maximumLength: Self.maximumListLength)
    }

    /// An input of entries in memory.
    package init(elements: [JSON]) {
        self.elements = elements.reversed().map(\.encoded)
        isList = true
    }

    /// The number of bytes read so far.
    package var bytesRead: Int { lines?.bytesRead ?? 0 }

    /// The next entry; `nil` after the last. Empty lines are ignored.
    mutating func next() throws -> Entry? {
        if isList { return nextElement() }
        while let line = try lines?.next() {
            lineNumber += 1
            guard case .text(var text) = line else { return Entry(number: lineNumber, content: .unreadable(.tooLong)) }
            if lineNumber == 1, text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
            guard let first = text.first(where: { $0 > 0x20 }) else { continue }
            if isFirst {
                isFirst = false
                if let refusal = Refusal(ofForm: text, first) {
                    // Every other line would be refused as well.
                    lines = nil
                    return Entry(number: lineNumber, content: .unreadable(refusal))
                }
                if first == UInt8(ascii: "[") { return try readList(startingWith: text) }
                if Self.beginsPage(text) { return try readPage(startingWith: text) }
            }
            guard text.count <= Self.maximumLineLength else {
                return Entry(number: lineNumber, content: .unreadable(.tooLong))
            }
            return Entry(number: lineNumber, content: .text(text))
        }
        return nil
    }

    /// Whether a line begins an object of several lines, or an API's page of a list, `{"data": [...]}`.
    private static func beginsPage(_ line: [UInt8]) -> Bool {
        line.allSatisfy { $0 <= 0x20 || $0 == UInt8(ascii: "{") }
            || String(decoding: line.prefix(100), as: UTF8.self).firstMatch(of: /^\s*\{\s*"data"\s*:/) != nil
    }

    /// Reads the rest of the input as one JSON list.
    private mutating func readList(startingWith first: [UInt8]) throws -> Entry? {
        switch try readText(startingWith: first) {
        case .failure(let refusal): return Entry(number: 1, content: .unreadable(refusal))
        case .success(let text): elements = text.elements.reversed()
        }
        lineNumber = 0
        return nextElement()
    }

    /// Reads the rest of the input as one object whose `data` is a list.
    private mutating func readPage(startingWith first: [UInt8]) throws -> Entry? {
        switch try readText(startingWith: first) {
        case .failure(let refusal) where refusal == .listTooLong: return Entry(number: 1, content: .unreadable(refusal))
        case .failure: return Entry(number: 1, content: .unreadable(.overSeveralLines))
        case .success(let text):
            guard let data = text.elements(of: "data") else { return Entry(number: 1, content: .unreadable(.overSeveralLines)) }
            elements = data.reversed()
            isOneOfPages = text.withValue { $0["has_next"]?.kind == .true }
        }
        lineNumber = 0
        return nextElement()
    }

    /// Reads the rest of the input as one JSON text.
    private mutating func readText(startingWith first: [UInt8]) throws -> Result<JSONText, Refusal> {
        var text = first
        isList = true
        while let line = try lines?.next() {
            guard case .text(let more) = line, text.count + more.count < Self.maximumListLength else {
                return .failure(.listTooLong)
            }
            text.append(UInt8(ascii: "\n"))
            text.append(contentsOf: more)
        }
        return Result { () throws(Refusal) in try JSONText.read(text) }
    }

    private mutating func nextElement() -> Entry? {
        guard let element = elements.popLast() else { return nil }
        lineNumber += 1
        return Entry(number: lineNumber, content: .text(element), note: isOneOfPages && elements.isEmpty ? .oneOfPages : nil)
    }
}

extension ImportInput.Entry {
    /// The entry as JSON.
    func json() throws(Refusal) -> JSONText {
        switch content {
        case .unreadable(let refusal): throw refusal
        case .text(let text): return try JSONText.read(text)
        }
    }
}

extension Refusal {
    static let tooLong = Refusal("", "is longer than \(ImportInput.maximumLineLength >> 20) MiB")
    static let overSeveralLines = Refusal(
        "", "begins an object that continues on the next line: put each object on one line (jq -c .), or send a list")
    static let oneOfPages = Refusal("", "is the last entry of a page after which there are others (has_next): import those, too")
    /// A whole file that is something else, recognized by its first line.
    fileprivate init?(ofForm line: [UInt8], _ first: UInt8) {
        if line.starts(with: [0xFF, 0xFE]) || line.starts(with: [0xFE, 0xFF]) || line.count > 1 && (line[0] == 0 || line[1] == 0)
        {
            self.init("", "is UTF-16: save the file as UTF-8")
        } else if first != UInt8(ascii: "{"), first != UInt8(ascii: "["), line.contains(where: { ",;\t".utf8.contains($0) }) {
            self.init("", "looks like a table (CSV): an import takes one JSON object per line, or a list of them")
        } else {
            return nil
        }
    }

    static let listTooLong = Refusal(
        "", "is a list of over \(ImportInput.maximumListLength >> 20) MiB: put each order on a line of its own instead")
}
