package import Orders

/// Takes in the orders of a merchant, through the projection of `projection.md`.
///
/// Safe to repeat and to interrupt: each batch is kept whole or not at all, and what is there already is left as it is.
package struct OrderImport: Sendable {
    private let storage: any OrderStorage
    private let allOrNothing: Bool
    private let now: @Sendable () -> Timestamp
    private static let batchSize = 1000
    fileprivate static let batchBytes = 32 << 20

    /// - Parameter allOrNothing: whether one refused order means that none is taken in.
    package init(storage: any OrderStorage, allOrNothing: Bool, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.storage = storage
        self.allOrNothing = allOrNothing
        self.now = now
    }

    /// Takes in all orders of the input; while one batch is written the next one is read and projected.
    /// - Throws: ``StorageFailure``, or what reading the input throws.
    package func run(_ input: inout ImportInput, observer: some ImportObserver) async throws -> ImportReport {
        try await storage.importing(allOrNothing: allOrNothing) { try await run(&input, in: $0, observer) }
    }

    private func run(
        _ input: inout ImportInput, in session: any StorageImport, _ observer: some ImportObserver
    ) async throws -> ImportReport {
        var report = ImportReport()
        var batch = try await Batch(input.entries(Self.batchSize), session, migratedIDs: [:])
        while !batch.entries.isEmpty {
            let current = batch
            let time = now()
            async let outcomes = current.write(to: session, at: time)
            let next = Result { try input.entries(Self.batchSize) }
            let prepared = await Result { try await Batch(next.get(), session, migratedIDs: current.migratedIDs) }
            for (number, outcome) in try await outcomes {
                report.count(outcome)
                if case .refused(let refusal) = outcome { observer.refused(refusal, entry: number) }
            }
            observer.advanced(to: report, bytesRead: input.bytesRead)
            batch = try prepared.get()
        }
        return report
    }
}

/// Some entries of the input, projected where they can be.
private struct Batch: Sendable {
    /// For each entry its number and the position of its order among ``writes``, or why there is none.
    let entries: [(number: Int, order: Result<Int, Refusal>)]
    let writes: [OrderWrite]
    /// The ids of the migrated orders here.
    let migratedIDs: [MigratedOrder: OrderID]
    private let input: [ImportInput.Entry]
    private let isSecondTry: Bool

    /// - Parameters:
    ///   - earlier: the ids of the migrated orders in the batch before, which may not have been written yet.
    ///   - isSecondTry: whether these entries were written before, so that they are not tried a third time.
    init(
        _ input: [ImportInput.Entry], _ session: any StorageImport, migratedIDs earlier: [MigratedOrder: OrderID],
        isSecondTry: Bool = false
    ) async throws {
        self.input = input
        self.isSecondTry = isSecondTry
        let read = await input.mapOnTwoThreads { entry in Result { () throws(Refusal) in try ReadOrder(entry) } }
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
        // Meanwhile the batch before this one is written.
        async let isReady: Void = session.prepare(for: identified.compactMap { (try? $0.get())?.id })
        migratedIDs = ids.filter { migrated.contains($0.key) }
        let projected = await identified.mapOnTwoThreads { order in
            Result { () throws(Refusal) in
                let (read, id) = try order.get()
                return OrderWrite(
                    id: id, order: read.order, merchantDocument: read.text,
                    document: try BuyerOrder.document(of: read.order.json, id: id))
            }
        }
        var writes: [OrderWrite] = []
        entries = zip(input, projected).map { entry, order in
            (
                entry.number,
                order.map { order in
                    writes.append(order)
                    return writes.count - 1
                }
            )
        }
        self.writes = writes
        try await isReady
    }

    /// Writes the orders and returns the outcome for each entry.
    ///
    /// A migrated order that another import took in at the same time is looked up and written once more, under the id that it has now.
    func write(to session: any StorageImport, at time: Timestamp) async throws -> [(number: Int, outcome: WriteOutcome)] {
        let written = try await session.write(writes, at: time)
        var outcomes = entries.map { number, order -> (number: Int, outcome: WriteOutcome) in
            switch order {
            case .success(let position): (number, written[position])
            case .failure(let refusal): (number, .refused(refusal))
            }
        }
        let late = outcomes.indices.filter { outcomes[$0].outcome == .refused(.takenInMeanwhile) }
        guard !late.isEmpty, !isSecondTry else { return outcomes }
        let again = try await Batch(late.map { input[$0] }, session, migratedIDs: [:], isSecondTry: true)
        for (position, outcome) in zip(late, try await again.write(to: session, at: time)) { outcomes[position] = outcome }
        return outcomes
    }
}

private struct MigratedOrder: Hashable {
    let storeID: StoreID
    let legacyID: LegacyOrderID
}

/// A merchant's order as it was read, and its text.
private struct ReadOrder: Sendable {
    let order: MerchantOrder
    let text: [UInt8]

    init(_ entry: ImportInput.Entry) throws(Refusal) {
        let (json, text) = try entry.json()
        order = try MerchantOrder(json)
        self.text = text
    }

    var migratedOrder: MigratedOrder? {
        guard case .legacy(let legacyID) = order.reference else { return nil }
        return MigratedOrder(storeID: order.storeID, legacyID: legacyID)
    }

    /// The order's own id; a migrated order's is the one that it has already or else is minted from its `created_at`.
    func id(in ids: inout [MigratedOrder: OrderID]) throws(Refusal) -> OrderID {
        guard let migratedOrder else {
            guard case .id(let id) = order.reference else { throw Refusal("id", "is required") }
            return id
        }
        if let id = ids[migratedOrder] { return id }
        var generator = SystemRandomNumberGenerator()
        guard let id = order.createdAt.flatMap({ OrderID(mintedAt: $0, using: &generator) }) else {
            throw Refusal("created_at", "is before 1970, so no id can be made from it")
        }
        ids[migratedOrder] = id
        return id
    }
}

extension Array where Element: Sendable {
    /// `map`, half of it on another thread: to read and to project orders is most of the work of an import.
    fileprivate func mapOnTwoThreads<Value: Sendable>(_ transform: @escaping @Sendable (Element) -> Value) async -> [Value] {
        async let first = prefix(count / 2).map(transform)
        let second = suffix(count - count / 2).map(transform)
        return await first + second
    }
}

extension ImportInput {
    /// The next entries, at most so many, and no more once they are long altogether.
    fileprivate mutating func entries(_ count: Int) throws -> [Entry] {
        var entries: [Entry] = []
        let start = bytesRead
        while entries.count < count, bytesRead - start < OrderImport.batchBytes, let entry = try next() { entries.append(entry) }
        return entries
    }
}

extension Result where Failure == any Error {
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
