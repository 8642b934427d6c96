import JSON
package import Logging
package import Orders

/// What becomes of a pull, for the operator.
package protocol MirrorPullObserver: Sendable {
    func advanced(to progress: PullProgress)
    /// An order can't be used.
    /// - Parameter number: its `order_id`, if it has a usable one.
    func refused(_ refusal: Refusal, number: String?)
    /// The other side does not have an order any more, which is kept.
    func missing(number: String)
}

/// Fills or repairs a mirrored store: walks through the list of the other side's orders, newest first, and reads those whole that are new or have
/// changed since they were read.
///
/// It can be interrupted and goes on where it was. What events say in the meantime is merged with what it reads (``MirroredOrder``).
package struct MirrorPull: Sendable {
    private let source: any MirrorSource
    private let storage: any MirrorStorage
    private let mirror: Mirror
    private let deletesMissing: Bool

    /// How many orders are read at the same time.
    private static let readers = 4

    /// - Parameter deletesMissing: whether orders are deleted that the other side does not have any more.
    package init(
        from source: any MirrorSource, orders: any OrderStorage, storage: any MirrorStorage, logger: Logger, deletesMissing: Bool
    ) {
        self.source = source
        self.storage = storage
        self.deletesMissing = deletesMissing
        mirror = Mirror(orders: orders, storage: storage, logger: logger)
    }

    /// Pulls a store's orders, from where the last pull was interrupted, or else from the newest.
    /// - Throws: ``MirrorSourceFailure``; ``StorageFailure``. What was pulled before stays, and the next pull goes on there.
    package func run(_ storeID: StoreID, from earlier: PullProgress?, observer: any MirrorPullObserver) async throws
        -> PullProgress
    {
        var progress = PullProgress(source: source.address, startedAt: .now)
        if let earlier, earlier.finishedAt == nil, earlier.source == source.address { progress = earlier }
        var isNew = progress.cursor == nil
        var (listed, cursors) = (0, Set<String>())
        /// What was seen before is seen again, and not read again.
        func startAnew() {
            progress = PullProgress(source: source.address, startedAt: .now)
            (isNew, cursors) = (true, [])
        }
        while true {
            guard let page = try await page(after: progress.cursor, isNew: isNew) else {
                startAnew()
                continue
            }
            listed += try await take(page.orders, of: storeID, &progress, observer)
            if let next = page.next, !cursors.insert(next).inserted {
                throw MirrorSourceFailure.unusable("its list comes back to where it was")
            }
            progress.cursor = page.next
            // At the end, what is missing is to be looked for, even if that is interrupted.
            if page.next == nil {
                if listed > 0 { break }
                // Nothing of the store is left of the list, or it is that of another shop, of which nothing can be concluded.
                guard !isNew else { throw MirrorSourceFailure.noOrders }
                startAnew()
                continue
            }
            try await storage.notePull(progress, of: storeID)
            observer.advanced(to: progress)
        }
        try await lookForMissing(in: storeID, &progress, observer)
        // An interruption may have left orders that were read and not made.
        while try await mirror.makePending(at: .now.adding(seconds: Mirror.courtesy + 1)) {}
        progress.finishedAt = .now
        try await storage.notePull(progress, of: storeID)
        observer.advanced(to: progress)
        return progress
    }

    /// - Returns: `nil` if the list does not go on where an earlier pull left it.
    private func page(
        after cursor: String?, isNew: Bool
    ) async throws(MirrorSourceFailure) -> (orders: [JSON], next: String?)? {
        do { return try await source.orders(after: cursor) } catch {
            if case .invalidCursor = error, !isNew { return nil }
            throw error
        }
    }

    /// - Returns: how many of the orders are the store's.
    private func take(
        _ page: [JSON], of storeID: StoreID, _ progress: inout PullProgress, _ observer: any MirrorPullObserver
    ) async throws -> Int {
        var listed: [ScalevOrder] = []
        for json in page {
            do throws(Refusal) {
                let order = try ScalevOrder(json)
                if !order.isOfOtherStore(than: storeID) { listed.append(order) }
            } catch {
                observer.refused(error, number: (try? MirroredOrderName(json))?.number)
            }
        }
        let unread = try await storage.noteSeen(listed, in: storeID, bySince: progress.startedAt)
        let start = progress.startedAt
        let read = try await forEach(unread.sorted()) { id in
            try await self.read(id, of: storeID, since: start, observer) == .taken
        }
        progress.seen += Int64(listed.count)
        progress.read += Int64(read)
        if let time = listed.last?.createdAt { progress.reached = time }
        return listed.count
    }

    private enum Reading {
        case taken, refused, missing
    }

    /// Reads a whole order and makes it here.
    private func read(
        _ id: String, of storeID: StoreID, since start: Timestamp, _ observer: any MirrorPullObserver
    ) async throws -> Reading {
        guard let json = try await source.order(id) else { return .missing }
        let order: ScalevOrder
        do throws(Refusal) {
            order = try ScalevOrder(json)
            guard order.name.reference == id else { throw Refusal("id", "is not the one that was asked for") }
        } catch {
            observer.refused(error, number: (try? MirroredOrderName(json))?.number)
            return .refused
        }
        if order.isOfOtherStore(than: storeID) { return .missing }
        guard try await storage.merge(order, in: storeID, seenSince: start, at: .now) else { return .refused }
        if let refusal = try await mirror.make(order.name.number, in: storeID) {
            observer.refused(refusal, number: order.name.number)
            return .refused
        }
        return .taken
    }

    /// Asks for the orders that the list has not named: they were created in the meantime, or deleted.
    private func lookForMissing(
        in storeID: StoreID, _ progress: inout PullProgress, _ observer: any MirrorPullObserver
    ) async throws {
        let start = progress.startedAt
        var number: String? = ""
        while let after = number {
            let (names, next) = try await storage.unseenMirrored(of: storeID, bySince: start, after: after)
            progress.deleted += Int64(
                try await forEach(names) { name in
                    // One that webhooks have never given an id can't be asked for.
                    if let id = name.reference, try await self.read(id, of: storeID, since: start, observer) != .missing {
                        return false
                    }
                    guard deletesMissing, name.reference != nil else {
                        observer.missing(number: name.number)
                        return false
                    }
                    let time = Timestamp.now
                    _ = try await storage.changeMirrored(name.number, in: storeID, at: time) { $0.noteMissing(at: time) }
                    return try await mirror.make(name.number, in: storeID) == nil
                })
            number = next
        }
    }

    /// Does something with elements, several at a time.
    /// - Returns: how often it was done.
    private func forEach<Element: Sendable>(
        _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Bool
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var count = 0
            for (index, element) in elements.enumerated() {
                if index >= Self.readers, try await group.next() ?? false { count += 1 }
                group.addTask { try await body(element) }
            }
            while let done = try await group.next() { if done { count += 1 } }
            return count
        }
    }
}
