package import JSON
import Orders

/// Reads the stores or orders to import one by one: one per line (NDJSON), or the elements of a single JSON list.
package struct ImportInput {
    /// One entry of the input and its number: its line, or its position in the list, counted from 1.
    struct Entry: Sendable {
        let number: Int
        let content: Content

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
            defer { isFirst = false }
            if isFirst, first == UInt8(ascii: "[") { return try readList(startingWith: text) }
            if isFirst, first == UInt8(ascii: "{"), text.allSatisfy({ $0 <= 0x20 || $0 == first }) {
                lines = nil
                return Entry(number: lineNumber, content: .unreadable(.overSeveralLines))
            }
            guard text.count <= Self.maximumLineLength else {
                return Entry(number: lineNumber, content: .unreadable(.tooLong))
            }
            return Entry(number: lineNumber, content: .text(text))
        }
        return nil
    }

    /// Reads the rest of the input as one JSON list.
    private mutating func readList(startingWith first: [UInt8]) throws -> Entry? {
        var text = first
        isList = true
        while let line = try lines?.next() {
            guard case .text(let more) = line, text.count + more.count < Self.maximumListLength else {
                return Entry(number: 1, content: .unreadable(.listTooLong))
            }
            text.append(UInt8(ascii: "\n"))
            text.append(contentsOf: more)
        }
        do throws(Refusal) {
            elements = try JSONText.read(text).elements.reversed()
        } catch {
            return Entry(number: 1, content: .unreadable(error))
        }
        lineNumber = 0
        return nextElement()
    }

    private mutating func nextElement() -> Entry? {
        guard let element = elements.popLast() else { return nil }
        lineNumber += 1
        return Entry(number: lineNumber, content: .text(element))
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
    static let listTooLong = Refusal(
        "", "is a list of over \(ImportInput.maximumListLength >> 20) MiB: put each order on a line of its own instead")
}
