import AsyncAlgorithms
import JSON
package import Orders

/// Imports a merchant's orders, and makes the buyer's order of each (`projection.md`).
///
/// An import can be repeated and interrupted: each order is written completely or not at all, and one that is already stored stays
/// as it is.
package struct OrderImport: Sendable {
    private let storage: any OrderWriting
    private let allOrNothing: Bool
    private let isReplacing: Bool
    private let now: @Sendable () -> Timestamp
    private static let batchSize = 2000
    fileprivate static let batchBytes = 32 << 20

    /// - Parameters:
    ///   - allOrNothing: whether a single refused order prevents all of them from being imported.
    ///   - isReplacing: whether an order replaces the stored one even if that is as new or newer.
    package init(
        storage: any OrderWriting, allOrNothing: Bool, isReplacing: Bool = false,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.storage = storage
        self.allOrNothing = allOrNothing
        self.isReplacing = isReplacing
        self.now = now
    }

    /// Imports all orders of the input. While a batch is written, the next ones are read and projected.
    /// - Throws: ``StorageFailure``, or whatever reading the input throws.
    package func run(_ input: ImportInput, observer: some ImportObserver) async throws -> ImportReport {
        try await storage.importing(allOrNothing: allOrNothing) { session in
            let batches = AsyncThrowingChannel<Batch, any Error>()
            // Ends with this function at the latest.
            async let reading: Void = Self.read(input, isReplacing ? .any : .older, for: session, into: batches)
            defer { batches.finish() }
            var report = ImportReport()
            for try await batch in batches {
                for (number, outcome) in try await batch.write(to: session, at: now()) {
                    report.count(outcome)
                    if case .refused(let refusal) = outcome { observer.refused(refusal, entry: number) }
                }
                for (number, note) in batch.notes { observer.noted(note, entry: number) }
                observer.advanced(to: report, bytesRead: batch.bytesRead)
            }
            await reading
            return report
        }
    }

    private static func read(
        _ input: ImportInput, _ before: OrderChange.Before, for session: any StorageImport,
        into batches: AsyncThrowingChannel<Batch, any Error>
    ) async {
        var input = input
        // The ids of the migrated orders in the last two batches, which may not have been written yet.
        var migratedIDs: [[MigratedOrder: OrderID]] = []
        do {
            while !Task.isCancelled, case let entries = try input.entries(batchSize), !entries.isEmpty {
                let batch = try await Batch(
                    entries, before, session, migratedIDs: migratedIDs.reduce(into: [:]) { $0.merge($1) { $1 } },
                    bytesRead: input.bytesRead)
                session.prepare(for: batch.changes.map(\.id))
                migratedIDs = migratedIDs.suffix(1) + [batch.migratedIDs]
                await batches.send(batch)
            }
            batches.finish()
        } catch {
            batches.fail(error)
        }
    }
}

/// Entries of the input, projected where possible.
private struct Batch: Sendable {
    /// For each entry, its number and the index of its order in ``changes``, or the reason why it was refused.
    let entries: [(number: Int, order: Result<Int, Refusal>)]
    let changes: [OrderChange]
    /// The ids of the batch's migrated orders.
    let migratedIDs: [MigratedOrder: OrderID]
    /// The number of bytes of the input read up to the end of this batch.
    let bytesRead: Int
    private let input: [ImportInput.Entry]
    private let before: OrderChange.Before
    private let isSecondTry: Bool

    /// - Parameters:
    ///   - earlier: the ids of the migrated orders in earlier batches, which may not have been written yet.
    ///   - isSecondTry: whether these entries were written before, so that there is no third try.
    init(
        _ input: [ImportInput.Entry], _ before: OrderChange.Before, _ session: any StorageImport,
        migratedIDs earlier: [MigratedOrder: OrderID],
        bytesRead: Int = 0, isSecondTry: Bool = false
    ) async throws {
        self.input = input
        self.before = before
        self.bytesRead = bytesRead
        self.isSecondTry = isSecondTry
        let read = input.map { entry in Result { () throws(Refusal) in try ReadOrder(entry, before) } }
        var ids = earlier
        let migrated = Set(read.compactMap { (try? $0.get())?.migratedOrder })
        for (storeID, orders) in Dictionary(grouping: migrated, by: \.storeID) {
            for (legacyID, id) in try await session.orderIDs(of: orders.map(\.legacyID), in: storeID) {
                ids[MigratedOrder(storeID: storeID, legacyID: legacyID)] = id
            }
        }
        let identified = read.map { read in
            Result { () throws(Refusal) in
                let read = try read.get()
                return (read, id: try read.id(in: &ids))
            }
        }
        migratedIDs = ids.filter { migrated.contains($0.key) }
        let projected = identified.map { order in
            Result { () throws(Refusal) in
                let (read, id) = try order.get()
                return try read.projected(as: id, before)
            }
        }
        var changes: [OrderChange] = []
        entries = zip(input, projected).map { entry, order in
            (
                entry.number,
                order.map { order in
                    changes.append(order)
                    return changes.count - 1
                }
            )
        }
        self.changes = changes
    }

    /// What the operator should know: values of the accepted entries that can't be used, and what concerns the whole input.
    var notes: [(number: Int, note: Refusal)] {
        let notes = input.compactMap { entry in entry.note.map { (entry.number, $0) } }
        return notes
            + entries.flatMap { number, order in
                ((try? order.get()).map { changes[$0].after.unusable } ?? []).map { (number, $0) }
            }
    }

    /// Writes the orders and returns the outcome for each entry.
    ///
    /// A migrated order that another import has written at the same time is written once more, with the id that it has now.
    func write(to session: any StorageImport, at time: Timestamp) async throws -> [(number: Int, outcome: WriteOutcome)] {
        let written = try await session.write(changes, at: time)
        var outcomes = entries.map { number, order -> (number: Int, outcome: WriteOutcome) in
            switch order {
            case .success(let position): (number, written[position])
            case .failure(let refusal): (number, .refused(refusal))
            }
        }
        let late = outcomes.indices.filter { outcomes[$0].outcome == .refused(.importedConcurrently) }
        guard !late.isEmpty, !isSecondTry else { return outcomes }
        let again = try await Batch(late.map { input[$0] }, before, session, migratedIDs: [:], isSecondTry: true)
        for (position, outcome) in zip(late, try await again.write(to: session, at: time)) { outcomes[position] = outcome }
        return outcomes
    }
}

private struct MigratedOrder: Hashable {
    let storeID: StoreID
    let legacyID: LegacyOrderID
}

/// An order of the input.
private enum ReadOrder: Sendable {
    case projected(OrderChange)
    /// A migrated order. Its buyer's order can only be made once its id is known.
    case migrated(MerchantOrder, MigratedOrder, JSONText)

    init(_ entry: ImportInput.Entry, _ before: OrderChange.Before) throws(Refusal) {
        let text = try entry.json()
        let order: MerchantOrder
        do throws(Refusal) { order = try MerchantOrder(text) } catch { throw text.looksLikeStore ? .storeForOrder : error }
        switch order.reference {
        case .id(let id):
            self = .projected(try OrderChange(importing: order, as: id, text, before))
        case .legacy(let legacyID):
            self = .migrated(order, MigratedOrder(storeID: order.storeID, legacyID: legacyID), text)
        }
    }

    var migratedOrder: MigratedOrder? { if case .migrated(_, let order, _) = self { order } else { nil } }

    /// The order's id. A migrated order keeps the id that it already has; a new one gets an id minted from its `created_at`.
    func id(in ids: inout [MigratedOrder: OrderID]) throws(Refusal) -> OrderID {
        switch self {
        case .projected(let change): return change.id
        case .migrated(let order, let migratedOrder, _):
            if let id = ids[migratedOrder] { return id }
            var generator = SystemRandomNumberGenerator()
            guard let id = order.createdAt.flatMap({ OrderID(mintedAt: $0, using: &generator) }) else {
                throw Refusal("created_at", "is before 1970, so no id can be made from it")
            }
            ids[migratedOrder] = id
            return id
        }
    }

    /// The order, ready to be written.
    /// - Parameter id: the result of ``id(in:)``.
    func projected(as id: OrderID, _ before: OrderChange.Before) throws(Refusal) -> OrderChange {
        switch self {
        case .projected(let change): change
        case .migrated(let order, _, let text): try OrderChange(importing: order, as: id, text, before)
        }
    }
}

extension OrderChange {
    /// The change that an import makes.
    fileprivate convenience init(
        importing order: MerchantOrder, as id: OrderID, _ text: JSONText, _ before: Before
    ) throws(Refusal) {
        self.init(id: id, before: before, after: order, document: try BuyerOrder.document(of: text, id: id), by: .importer)
    }
}

extension ImportInput {
    /// The next entries: at most `count`, and fewer if together they are long.
    fileprivate mutating func entries(_ count: Int) throws -> [Entry] {
        var entries: [Entry] = []
        var bytes = 0
        while entries.count < count, bytes < OrderImport.batchBytes, let entry = try next() {
            if case .text(let text) = entry.content { bytes += text.count }
            entries.append(entry)
        }
        return entries
    }
}
