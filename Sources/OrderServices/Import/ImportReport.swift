package import Orders

/// The outcome of an import so far, in numbers of entries.
package struct ImportReport: Equatable, Sendable {
    package var created = 0
    package var replaced = 0
    package var unchanged = 0
    /// Entries that are exactly as new as what is stored, but have other content.
    package var kept = 0
    package var refused = 0

    package init() {}

    /// The number of entries processed.
    package var total: Int { created + replaced + unchanged + kept + refused }

    mutating func count(_ outcome: WriteOutcome) {
        switch outcome {
        case .created: created += 1
        case .replaced: replaced += 1
        case .unchanged: unchanged += 1
        case .kept: kept += 1
        case .refused: refused += 1
        }
    }
}

/// Observes the progress of an import.
package protocol ImportObserver {
    /// An entry was refused.
    func refused(_ refusal: Refusal, entry number: Int)
    /// A value of an entry can't be used, although the entry was accepted, or the whole input is not what it should be.
    func noted(_ note: Refusal, entry number: Int)
    /// Entries were processed.
    /// - Parameter bytesRead: the number of bytes of the input read so far.
    func advanced(to report: ImportReport, bytesRead: Int)
}
