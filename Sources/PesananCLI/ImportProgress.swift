import Foundation
import OrderServices
import Orders
import Synchronization

/// Reports an import on standard error: refused entries and, on a terminal, the progress.
final class ImportProgress: ImportObserver {
    private let what: String
    /// The size of the input in bytes; `nil` if it is not known in advance.
    private let size: Int?
    private let isTerminal = isatty(2) == 1
    private let start = ContinuousClock.now
    private let shownAt = Mutex<ContinuousClock.Instant?>(nil)

    /// How often each message was for an entry, in the order in which they first came.
    private let messages = Mutex<(kinds: [String], counts: [String: (first: String, count: Int)])>(([], [:]))
    /// Where all messages go; `nil` if only the first of each kind are printed.
    private let report: FileHandle?
    /// How many messages of a kind are printed.
    private static let shown = 10

    /// - Parameter report: a file to which every message is written.
    init(what: String, descriptor: Int32, report: FileHandle?) {
        self.what = what
        self.report = report
        // Others may have read from standard input before: restore the position.
        let start = lseek(descriptor, 0, SEEK_CUR)
        let end = lseek(descriptor, 0, SEEK_END)
        size = start >= 0 && end > start && lseek(descriptor, start, SEEK_SET) == start ? Int(end - start) : nil
    }

    func refused(_ refusal: Refusal, entry number: Int) { tell("\(refusal)", number) }

    func noted(_ note: Refusal, entry number: Int) { tell("note: \(note)", number) }

    private func tell(_ message: String, _ number: Int) {
        try? report?.write(contentsOf: Data("line \(number): \(message)\n".utf8))
        // Messages of one kind differ in numbers only, such as that of a line or a byte.
        let kind = String(message.unicodeScalars.filter { !("0"..."9").contains($0) })
        let count = messages.withLock { messages in
            if messages.counts[kind] == nil { messages.kinds.append(kind) }
            messages.counts[kind, default: (message, 0)].count += 1
            return messages.counts[kind]!.count
        }
        guard count <= Self.shown else { return }
        clearLine()
        remark("line \(number): \(message)\n")
    }

    /// Sums up the messages that were not printed.
    func sumUp() {
        clearLine()
        let (kinds, counts) = messages.withLock { $0 }
        for kind in kinds {
            guard let (first, count) = counts[kind], count > Self.shown else { continue }
            remark("and \(count - Self.shown) more: \(first)\n")
        }
    }

    func advanced(to report: ImportReport, bytesRead: Int) {
        guard isTerminal else { return }
        let now = ContinuousClock.now
        let isDue = shownAt.withLock { shownAt in
            guard shownAt.map({ now - $0 > .milliseconds(200) }) ?? true else { return false }
            shownAt = now
            return true
        }
        if isDue { remark("\r\u{1B}[K" + line(report.total, bytesRead, after: now - start)) }
    }

    /// Clears the progress line.
    func end() { clearLine() }

    /// The number of entries, the rate per second and, if the size of the input is known, the percentage read and the time left.
    func line(_ count: Int, _ bytesRead: Int, after elapsed: Duration) -> String {
        let seconds = max(0.001, Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
        var line = "\(count) \(what), \(Int(Double(count) / seconds)) a second"
        if let size, bytesRead > 0, bytesRead < size {
            let left = Int((seconds * Double(size - bytesRead) / Double(bytesRead)).rounded(.up))
            line += ", \(bytesRead * 100 / size) %, \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left"
        }
        return line
    }

    private func clearLine() {
        if isTerminal { remark("\r\u{1B}[K") }
    }
}
