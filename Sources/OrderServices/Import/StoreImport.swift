package import Orders

/// Imports a merchant's stores: each replaces the stored one.
package struct StoreImport: Sendable {
    private let storage: any OrderWriting
    private let allOrNothing: Bool
    private let now: @Sendable () -> Timestamp

    /// - Parameter allOrNothing: whether a single refused store prevents all of them from being imported.
    package init(storage: any OrderWriting, allOrNothing: Bool, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.storage = storage
        self.allOrNothing = allOrNothing
        self.now = now
    }

    /// Imports all stores of the input.
    /// - Throws: ``StorageFailure``, or whatever reading the input throws.
    package func run(_ input: ImportInput, observer: some ImportObserver) async throws -> ImportReport {
        var input = input
        return try await storage.importing(allOrNothing: allOrNothing) { session in
            var report = ImportReport()
            while let entry = try input.next() {
                let outcome: WriteOutcome
                switch Result(catching: { () throws(Refusal) in try store(in: entry) }) {
                case .success(let store): outcome = try await session.write([store], at: now())[0]
                case .failure(let refusal): outcome = .refused(refusal)
                }
                report.count(outcome)
                if case .refused(let refusal) = outcome { observer.refused(refusal, entry: entry.number) }
                if let note = entry.note { observer.noted(note, entry: entry.number) }
                observer.advanced(to: report, bytesRead: input.bytesRead)
            }
            return report
        }
    }

    private func store(in entry: ImportInput.Entry) throws(Refusal) -> MerchantStore {
        let text = try entry.json()
        do throws(Refusal) { return try MerchantStore(text) } catch { throw text.looksLikeOrder ? .orderForStore : error }
    }
}
