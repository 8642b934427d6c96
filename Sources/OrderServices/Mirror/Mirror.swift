import Accounts
import JSON
package import Logging
package import Orders

/// Mirrors the orders of shops that live on Scalev: takes its webhooks, and makes here what they say.
///
/// A webhook is acknowledged once it is kept in what is known of its order (``MirroredOrder``). The order is made from that: at once if possible, or
/// else by ``makePending(at:)``. Making it again from the same changes nothing, so it does not matter how often that is tried.
package struct Mirror: Sendable {
    private let orders: any OrderStorage
    private let storage: any MirrorStorage
    private let logger: Logger
    /// Events that come at the same time are taken together.
    private let taking = Batches<StoreID, ReceivedEvent, MergedEvent>(maximumSize: Self.batchSize)
    /// Orders, by their numbers, that are to be made at the same time are made together.
    private let making = Batches<StoreID, String, Refusal?>(maximumSize: Self.batchSize)

    /// The maximum number of events, and of orders, in a batch.
    private static let batchSize = 64
    /// How often making an order is tried while others change it.
    private static let attempts = 5
    /// For how long an order may be left to whoever has received its event, in seconds.
    static let courtesy: Int64 = 5

    package init(orders: any OrderStorage, storage: any MirrorStorage, logger: Logger) {
        self.orders = orders
        self.storage = storage
        self.logger = logger
    }

    /// Takes a webhook. What can't be used is kept with its reason.
    /// - Parameter signature: the header with the signature of the body.
    /// - Throws: ``Failure/notMirrored``, ``Failure/invalidSignature``; ``StorageFailure`` if nothing could be kept, so that it is sent again.
    package func receive(_ body: [UInt8], signature: String?, for storeID: StoreID) async throws {
        guard let secret = try await storage.mirrorSecret(of: storeID) else { throw Failure.notMirrored }
        guard WebhookSignature.isValid(signature, of: body, secret: secret) else {
            // A test may come without a signature, and does nothing (`surroundings.md`, section 6). Nobody else's body is worth reading.
            if body.count <= Self.longestTest, ScalevWebhook(body) == .test { return }
            throw Failure.invalidSignature
        }
        try await take(ScalevWebhook(body), body, for: storeID)
    }

    private static let longestTest = 1000

    private func take(_ webhook: ScalevWebhook, _ body: [UInt8], for storeID: StoreID) async throws {
        switch webhook {
        case .test, .ignored: break
        case .unusable(let reason): try await storage.keepFailed(body, reason: reason, in: storeID, at: .now)
        case .event(let event):
            let merged = try await taking.add((event, body), to: storeID) { [storage] events in
                try await storage.merge(events, in: storeID, at: .now)
            }
            guard case .merged(let number) = merged else { return }
            do { try await make(number, in: storeID) } catch {
                // The event is kept, and the order is made later.
                logger.error("could not make a mirrored order yet", metadata: ["reason": .string("\(error)")])
            }
        }
    }

    /// Makes the orders that are to be made and that nobody is about to make.
    /// - Returns: whether there may be more of them.
    /// - Throws: ``StorageFailure``.
    package func makePending(at time: Timestamp = .now) async throws -> Bool {
        let limit = 100
        let pending = try await storage.pendingMirrored(before: time.adding(seconds: -Self.courtesy), limit: limit)
        // At the same time, so that they are made in batches.
        let isStuck = await withTaskGroup(of: Bool.self) { group in
            for (storeID, number) in pending {
                group.addTask {
                    do {
                        try await make(number, in: storeID)
                        return false
                    } catch {
                        // Others are not to wait for one that can't be made.
                        logger.error("could not make a mirrored order", metadata: ["reason": .string("\(error)")])
                        return true
                    }
                }
            }
            return await group.contains(true)
        }
        return pending.count == limit && !isStuck
    }

    /// Takes the store's failed webhooks again, and makes its failed orders again.
    /// - Returns: how many there were, and how many of them still can't be used.
    /// - Throws: ``StorageFailure``.
    package func retry(_ storeID: StoreID, limit: Int = 10_000) async throws -> (tried: Int, failed: Int) {
        let failures = try await storage.mirrorFailures(of: storeID, limit: limit)
        for failure in failures {
            switch failure.subject {
            case .body(let id):
                guard let body = try await storage.failedBody(id, in: storeID) else { continue }
                try await take(ScalevWebhook(body), body, for: storeID)
                // Last: it is kept again if it still can't be used.
                try await storage.removeFailed(id, in: storeID)
            case .order(let number): try await make(number, in: storeID)
            }
        }
        return (failures.count, try await storage.mirrorFailures(of: storeID, limit: limit).count)
    }

    /// Makes an order what is known of it, together with others of the store that are to be made at the same time.
    /// - Returns: why it can't be made, which is kept; `nil` if it is made, or there is nothing to make.
    /// - Throws: ``StorageFailure``.
    @discardableResult
    func make(_ number: String, in storeID: StoreID) async throws -> Refusal? {
        try await making.add(number, to: storeID) { numbers in try await make(numbers, in: storeID) }
    }

    /// Makes orders, none in two batches at a time, which would only get in each other's way.
    /// - Returns: for each number, as ``make(_:in:)``.
    private func make(_ numbers: [String], in storeID: StoreID) async throws -> [Refusal?] {
        var (rest, refusals): (Set<String>, [String: Refusal]) = (Set(numbers), [:])
        for attempt in 0..<Self.attempts where !rest.isEmpty {
            let known = try await storage.mirrored(rest.sorted(), in: storeID)
            let (written, others) = try await tryToMake(known, in: storeID, isFirst: attempt == 0)
            if !others.isEmpty { try await storage.noteMade(others, in: storeID, at: .now) }
            for other in others { refusals[other.source.number] = other.refusal }
            rest = Set(known.map(\.number)).subtracting(written + others.map(\.source.number))
        }
        guard rest.isEmpty else { throw StorageFailure.busy }
        return numbers.map { refusals[$0] }
    }

    /// Makes orders with one write.
    /// - Parameter isFirst: whether to take those that are found by no key to be new: looking for deleted ones by their ids is far more work, and
    ///   the write refuses them.
    /// - Returns: the numbers of those that are written, and those of which nothing is to be written; the rest were changed by somebody else at
    ///   the same time, or are not new.
    private func tryToMake(
        _ known: [StoredMirroredOrder], in storeID: StoreID, isFirst: Bool
    ) async throws -> (written: [String], others: [MadeOrder]) {
        var others: [MadeOrder] = []
        var planned: [(source: MirroredRevision, change: OrderChange)] = []
        async let readStore = try? orders.store(storeID)
        let found = try await first(names(of: known)) { try await orders.currentOrders($0, in: storeID) }
        let missing = zip(known, found).filter { $1 == nil }.map(\.0)
        let deleted = try await first(names(of: missing, withNewIDs: !isFirst)) {
            try await storage.deletedOrders($0, in: storeID)
        }
        let store = await readStore
        let deletedByNumber = Dictionary(zip(missing.map(\.number), deleted)) { first, _ in first }
        let time = Timestamp.now
        for (known, current) in zip(known, found) {
            let merged =
                if let current {
                    try await withLocalChanges(known, current, in: storeID)
                } else {
                    try await withLocalDeletion(known, deletedByNumber[known.number] ?? nil, in: storeID)
                }
            guard let (known, current) = merged else { continue }
            let source = MirroredRevision(known)
            do throws(Refusal) {
                if let change = try change(known, current, in: store, at: time) {
                    planned.append((source, change))
                } else {
                    others.append(MadeOrder(source, current.map { ($0.id, $0.version) }))
                }
            } catch {
                others.append(MadeOrder(source, nil, refusal: error))
            }
        }
        guard !planned.isEmpty else { return ([], others) }
        var written: [String] = []
        let outcomes = try await orders.write(planned.map(\.change), allOrNothing: false, at: time)
        for ((source, _), outcome) in zip(planned, outcomes) {
            switch outcome {
            case .refused(.changedConcurrently), .refused(.importedConcurrently): break
            case .refused(let refusal): others.append(MadeOrder(source, nil, refusal: refusal))
            case .created, .replaced, .unchanged, .kept: written.append(source.number)
            }
        }
        return (written, others)
    }

    /// The names by which orders are looked for here.
    /// - Parameter withNewIDs: whether to look for the ids of orders that the mirror has not made.
    private func names(of known: [StoredMirroredOrder], withNewIDs: Bool = true) -> [[OrderName]] {
        known.map { known in
            if let id = known.orderID { return [.id(id)] }
            let names = [known.order.name, .number(known.number)].compactMap { $0 }
            return withNewIDs ? names : names.filter { if case .id = $0 { false } else { true } }
        }
    }

    /// The first that is found of each order, by its names.
    private func first<Found>(_ names: [[OrderName]], _ find: ([OrderName]) async throws -> [Found?]) async throws -> [Found?] {
        var found = try await find(names.flatMap(\.self))[...]
        return names.map { names in
            defer { found = found.dropFirst(names.count) }
            return found.prefix(names.count).lazy.compactMap { $0 }.first
        }
    }

    /// What is known together with what was changed here since the mirror wrote the order, and the order as stored.
    ///
    /// An order that was there before its first event counts as changed here as a whole.
    /// - Returns: `nil` if nothing is known any more.
    private func withLocalChanges(
        _ known: StoredMirroredOrder, _ current: CurrentOrder, in storeID: StoreID
    ) async throws -> (StoredMirroredOrder, CurrentOrder?)? {
        guard current.version != known.version else { return (known, current) }
        // Another process may have made it after its events were read here.
        guard let known = try await storage.mirrored([known.number], in: storeID).first,
            known.version ?? 0 <= current.version
        else { return nil }
        guard current.version != known.version else { return (known, current) }
        guard let json = try? JSON(parsing: current.document),
            let time = json.optionalText("last_updated_at").flatMap({ Timestamp($0) })
        else { return (known, current) }
        let changed = known.order.changes(in: json)
        let merged = try await storage.changeMirrored(known.number, in: storeID, at: .now) {
            $0.merge(full: changed, lastUpdatedAt: time)
        }
        return merged.map { ($0, current) }
    }

    /// What is known together with when the order was deleted here, if it was.
    private func withLocalDeletion(
        _ known: StoredMirroredOrder, _ deleted: (id: OrderID, document: [UInt8])?, in storeID: StoreID
    ) async throws -> (StoredMirroredOrder, CurrentOrder?)? {
        guard let deleted else { return (known, nil) }
        guard let json = try? JSON(parsing: deleted.document),
            let time = json.optionalText("last_updated_at").flatMap({ Timestamp($0) })
        else { return (known.made(as: deleted.id), nil) }
        let merged = try await storage.changeMirrored(known.number, in: storeID, at: .now) { $0.delete(at: time) }
        return merged.map { ($0.made(as: deleted.id), nil) }
    }

    /// The change that makes an order what is known of it; `nil` if it is that already, or can't be made yet.
    private func change(
        _ mirrored: StoredMirroredOrder, _ current: CurrentOrder?, in store: JSON?, at time: Timestamp
    ) throws(Refusal) -> OrderChange? {
        let before = current.flatMap { try? JSON(parsing: $0.document) }
        if mirrored.order.isDeleted {
            guard let current else { return nil }
            let text = try JSONText.read(current.document)
            return OrderChange(
                id: current.id, before: .order(current), after: try MerchantOrder(text), document: nil,
                mirrored: MirroredRevision(mirrored), by: .mirror)
        }
        var generator = SystemRandomNumberGenerator()
        let id = current?.id ?? mirrored.orderID ?? mirrored.order.newID(at: time, using: &generator)
        guard let store else { throw Refusal("store", "can't be read") }
        let slug = NewOrder.secretSlug(using: &generator)
        guard let json = mirrored.order.order(onto: before, id: id, secretSlug: slug, store: MerchantStore.inOrder(store)),
            json != before
        else {
            return nil
        }
        let text = try JSONText.read(json.encoded)
        // One that was made and deleted here is there and can't be read.
        return OrderChange(
            id: id, before: current.map { .order($0) } ?? (mirrored.orderID == nil ? .nothing : .any),
            after: try MerchantOrder(text),
            document: try BuyerOrder.document(of: text, id: id), mirrored: MirroredRevision(mirrored), by: .mirror)
    }
}

extension StoredMirroredOrder {
    /// The same, of the order that was made of it.
    fileprivate func made(as id: OrderID) -> StoredMirroredOrder {
        StoredMirroredOrder(number: number, order: order, revision: revision, orderID: orderID ?? id, version: version)
    }
}

extension Failure {
    /// The store is not mirrored, or there is no such store.
    package static let notMirrored = Failure(.notFound, "not_mirrored", "There is no mirror of such a store")

    /// The webhook is not signed with the store's secret.
    package static let invalidSignature = Failure(
        .notSignedIn, "invalid_signature", "The signature is not that of the body with the store's signing secret")
}
