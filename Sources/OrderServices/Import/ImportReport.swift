package import Orders

/// What an import has done so far.
package struct ImportReport: Equatable, Sendable {
    package var created = 0
    package var replaced = 0
    package var unchanged = 0
    package var refused = 0

    package init() {}

    /// How many entries were looked at.
    package var total: Int { created + replaced + unchanged + refused }

    mutating func count(_ outcome: WriteOutcome) {
        switch outcome {
        case .created: created += 1
        case .replaced: replaced += 1
        case .unchanged: unchanged += 1
        case .refused: refused += 1
        }
    }
}

/// Who is told how an import goes.
package protocol ImportObserver {
    /// An entry was refused.
    func refused(_ refusal: Refusal, entry number: Int)
    /// So many entries were looked at, after so many bytes of the input.
    func advanced(to report: ImportReport, bytesRead: Int)
}
