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

    /// How often making an order is tried while others change it.
    private static let attempts = 5
    /// For how long an order may be left to whoever has received its event, in seconds.
    private static let courtesy: Int64 = 5

    package init(orders: any OrderStorage, storage: any MirrorStorage, logger: Logger) {
        self.orders = orders
        self.storage = storage
        self.logger = logger
    }

    /// Takes a webhook. What can't be used is kept with its reason.
    /// - Parameter signature: the header with the signature of the body.
    /// - Throws: ``Failure/notMirrored``, ``Failure/invalidSignature``; ``StorageFailure`` if nothing could be kept, so that it is sent again.
    package func receive(
        _ body: [UInt8], signature: String?, for storeID: StoreID, at time: Timestamp = .now
    ) async throws {
        guard let secret = try await storage.mirrorSecret(of: storeID) else { throw Failure.notMirrored }
        guard WebhookSignature.isValid(signature, of: body, secret: secret) else {
            // A test may come without a signature, and does nothing (`surroundings.md`, section 6). Nobody else's body is worth reading.
            if body.count <= Self.longestTest, ScalevWebhook(body) == .test { return }
            throw Failure.invalidSignature
        }
        try await take(ScalevWebhook(body), body, for: storeID, at: time)
    }

    private static let longestTest = 1000

    private func take(_ webhook: ScalevWebhook, _ body: [UInt8], for storeID: StoreID, at time: Timestamp) async throws {
        switch webhook {
        case .test, .ignored: break
        case .unusable(let reason): try await storage.keepFailed(body, reason: reason, in: storeID, at: time)
        case .event(let event):
            guard case .merged(let number) = try await storage.merge(event, body: body, in: storeID, at: time) else { return }
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
        var isStuck = false
        for (storeID, number) in pending {
            do { try await make(number, in: storeID) } catch {
                // Others are not to wait for one that can't be made.
                isStuck = true
                logger.error("could not make a mirrored order", metadata: ["reason": .string("\(error)")])
            }
        }
        return pending.count == limit && !isStuck
    }

    /// Takes the store's failed webhooks again, and makes its failed orders again.
    /// - Returns: how many there were, and how many of them still can't be used.
    /// - Throws: ``StorageFailure``.
    package func retry(_ storeID: StoreID, limit: Int = 10_000, at time: Timestamp = .now) async throws -> (
        tried: Int, failed: Int
    ) {
        let failures = try await storage.mirrorFailures(of: storeID, limit: limit)
        for failure in failures {
            switch failure.subject {
            case .body(let id):
                guard let body = try await storage.failedBody(id, in: storeID) else { continue }
                try await take(ScalevWebhook(body), body, for: storeID, at: time)
                // Last: it is kept again if it still can't be used.
                try await storage.removeFailed(id, in: storeID)
            case .order(let number): try await make(number, in: storeID)
            }
        }
        return (failures.count, try await storage.mirrorFailures(of: storeID, limit: limit).count)
    }

    /// Makes an order what is known of it.
    /// - Returns: why it can't be made, which is kept; `nil` if it is made, or there is nothing to make.
    /// - Throws: ``StorageFailure``.
    @discardableResult
    func make(_ number: String, in storeID: StoreID) async throws -> Refusal? {
        for _ in 0..<Self.attempts {
            guard let known = try await storage.mirrored(number, in: storeID) else { return nil }
            guard let (mirrored, current) = try await withLocalChanges(known, in: storeID) else { continue }
            let time = Timestamp.now
            let change: OrderChange?
            do throws(Refusal) { change = try await self.change(mirrored, current, in: storeID, at: time) } catch {
                return try await note(mirrored, in: storeID, nil, failure: error)
            }
            guard let change else {
                return try await note(mirrored, in: storeID, current.map { ($0.id, $0.version) }, failure: nil)
            }
            let outcome = try await orders.write([change], allOrNothing: true, at: time)[0]
            switch outcome {
            case .refused(.changedConcurrently), .refused(.importedConcurrently): continue
            case .refused(let refusal): return try await note(mirrored, in: storeID, nil, failure: refusal)
            case .created, .replaced, .unchanged, .kept:
                // That which was written, and not what somebody may have changed since.
                var version = current.map { OrderVersion.next(after: $0.version, at: time) }
                if version == nil { version = try await orders.currentOrder(.id(change.id), in: storeID)?.version }
                return try await note(mirrored, in: storeID, (change.id, version ?? 0), failure: nil)
            }
        }
        throw StorageFailure.busy
    }

    /// - Returns: the failure.
    private func note(
        _ mirrored: StoredMirroredOrder, in storeID: StoreID, _ made: (id: OrderID, version: Int64)?, failure: Refusal?
    ) async throws -> Refusal? {
        try await storage.noteMade(
            mirrored.number, in: storeID, revision: mirrored.revision, made: made, failure: failure?.description, at: .now)
        return failure
    }

    /// What is known together with what was changed here since the mirror wrote the order, and the order as stored.
    ///
    /// An order that was there before its first event counts as changed here as a whole.
    /// - Returns: `nil` if something else has become known in the meantime.
    private func withLocalChanges(
        _ known: StoredMirroredOrder, in storeID: StoreID
    ) async throws -> (StoredMirroredOrder, CurrentOrder?)? {
        let names = known.orderID.map { [.id($0)] } ?? [known.order.name, .number(known.number)].compactMap { $0 }
        guard let current = try await orders.currentOrders(names, in: storeID).lazy.compactMap({ $0 }).first else {
            return try await withLocalDeletion(known, names, in: storeID)
        }
        guard current.version != known.version, let json = try? JSON(parsing: current.document),
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
        _ known: StoredMirroredOrder, _ names: [OrderName], in storeID: StoreID
    ) async throws -> (StoredMirroredOrder, CurrentOrder?)? {
        for name in names {
            guard let (id, document) = try await storage.deletedOrder(name, in: storeID), let json = try? JSON(parsing: document),
                let time = json.optionalText("last_updated_at").flatMap({ Timestamp($0) })
            else { continue }
            let merged = try await storage.changeMirrored(known.number, in: storeID, at: .now) { $0.delete(at: time) }
            return merged.map { ($0.made(as: id), nil) }
        }
        return (known, nil)
    }

    /// The change that makes an order what is known of it; `nil` if it is that already, or can't be made yet.
    private func change(
        _ mirrored: StoredMirroredOrder, _ current: CurrentOrder?, in storeID: StoreID, at time: Timestamp
    ) async throws(Refusal) -> OrderChange? {
        let before = current.flatMap { try? JSON(parsing: $0.document) }
        if mirrored.order.isDeleted {
            guard let current else { return nil }
            let text = try JSONText.read(current.document)
            return OrderChange(
                id: current.id, before: .order(current), after: try MerchantOrder(text), document: nil, by: .mirror)
        }
        var generator = SystemRandomNumberGenerator()
        let id = current?.id ?? mirrored.orderID ?? mirrored.order.newID(at: time, using: &generator)
        let store: JSON
        do { store = MerchantStore.inOrder(try await orders.store(storeID)) } catch { throw Refusal("store", "can't be read") }
        let slug = NewOrder.secretSlug(using: &generator)
        guard let json = mirrored.order.order(onto: before, id: id, secretSlug: slug, store: store), json != before else {
            return nil
        }
        let text = try JSONText.read(json.encoded)
        // One that was deleted here is there and can't be read.
        return OrderChange(
            id: id, before: current.map { .order($0) } ?? .any, after: try MerchantOrder(text),
            document: try BuyerOrder.document(of: text, id: id), by: .mirror)
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
