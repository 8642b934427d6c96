import Foundation

/// Reads a file line by line; it holds at most one line of bounded length in memory.
package struct LineReader {
    enum Line: Equatable {
        case text([UInt8])
        /// The line exceeded the maximum length and was skipped.
        case tooLong
    }

    /// An error that prevents reading a file, with the reason.
    package struct ReadError: Error, CustomStringConvertible {
        package let description: String

        init(_ description: String) { self.description = description }
    }

    private let source: ByteSource
    private let maximumLength: Int
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)
    private var start = 0
    private var end = 0
    /// The number of bytes read from the file so far.
    var bytesRead: Int { source.bytesRead }

    /// - Parameter descriptor: an open file, which stays open.
    init(descriptor: Int32, maximumLength: Int) {
        source = ByteSource(descriptor: descriptor)
        self.maximumLength = maximumLength
    }

    /// The next line without its line ending; `nil` after the last.
    /// - Throws: ``ReadError``.
    mutating func next() throws -> Line? {
        var line: [UInt8] = []
        var isTooLong = false
        var isEmpty = true
        while true {
            if start == end, try !fill() { return isEmpty ? nil : isTooLong ? .tooLong : .text(line) }
            isEmpty = false
            let position = lineEnd
            let stop = position ?? end
            if line.count + stop - start > maximumLength { isTooLong = true }
            if isTooLong { line = [] } else { line.append(contentsOf: buffer[start..<stop]) }
            start = position.map { $0 + 1 } ?? end
            if position != nil { return isTooLong ? .tooLong : .text(line) }
        }
    }

    /// The position at which the line ends, if the buffer contains it.
    private var lineEnd: Int? {
        buffer.withUnsafeBytes { bytes in
            memchr(bytes.baseAddress! + start, Int32(UInt8(ascii: "\n")), end - start).map {
                $0 - UnsafeMutableRawPointer(mutating: bytes.baseAddress!)
            }
        }
    }

    private mutating func fill() throws -> Bool {
        let count = try source.read(into: &buffer)
        (start, end) = (0, count)
        return count > 0
    }
}
