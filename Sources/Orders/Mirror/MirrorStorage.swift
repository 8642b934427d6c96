/// An order of a mirrored store as it is known from the other side, and how far it has been made here.
package struct StoredMirroredOrder: Sendable {
    /// The other side's number of the order.
    package let number: String
    package let order: MirroredOrder
    /// Grows with each change of what is known.
    package let revision: Int64
    /// The order's id here; `nil` before it was made.
    package let orderID: OrderID?
    /// The version of the order as the mirror has written it last; `nil` before it was made.
    package let version: Int64?

    package init(number: String, order: MirroredOrder, revision: Int64, orderID: OrderID?, version: Int64?) {
        self.number = number
        self.order = order
        self.revision = revision
        self.orderID = orderID
        self.version = version
    }
}

/// What a mirrored order is made from: what is known under a number, at a revision.
package struct MirroredRevision: Equatable, Sendable {
    package let number: String
    package let revision: Int64

    package init(_ known: StoredMirroredOrder) {
        number = known.number
        revision = known.revision
    }
}

/// What has become of making a mirrored order.
package struct MadeOrder: Sendable {
    package let source: MirroredRevision
    /// The order's id and version; `nil` if there is none to make.
    package let made: (id: OrderID, version: Int64)?
    /// Why it can't be made; `nil` if it was, or there is nothing to make.
    package let refusal: Refusal?

    package init(_ source: MirroredRevision, _ made: (id: OrderID, version: Int64)?, refusal: Refusal? = nil) {
        self.source = source
        self.made = made
        self.refusal = refusal
    }
}

/// An event, and the body that it came in.
package typealias ReceivedEvent = (event: ScalevEvent, body: [UInt8])

/// What has become of an event.
package enum MergedEvent: Equatable, Sendable {
    /// The event has come before.
    case duplicate
    /// It is in what is known of the order of this number, which is to be made anew.
    case merged(number: String)
    /// The order's customer was forgotten: nothing of it is kept.
    case forgotten
    /// It names its order only by an id that no event with a number had: it is kept as failed.
    case unknownOrder
}

/// Something that a mirror could not use.
package struct MirrorFailure: Equatable, Sendable {
    package enum Subject: Equatable, Sendable {
        /// A webhook's body, by the id it was kept with.
        case body(UUIDBytes)
        /// The order of this number.
        case order(String)
    }

    package let subject: Subject
    /// Names a field, and never repeats a value.
    package let reason: String
    package let at: Timestamp

    package init(subject: Subject, reason: String, at: Timestamp) {
        self.subject = subject
        self.reason = reason
        self.at = at
    }
}

/// How far a mirror is.
package struct MirrorStatus: Sendable {
    package let enabledAt: Timestamp
    package let lastEventAt: Timestamp?
    /// Orders that are known and have not been made yet, and since when the oldest of them waits.
    package let pending: (count: Int64, since: Timestamp?)
    package let failed: Int64
    /// The last pull; `nil` if there was none.
    package let pull: PullProgress?

    package init(
        enabledAt: Timestamp, lastEventAt: Timestamp?, pending: (count: Int64, since: Timestamp?), failed: Int64,
        pull: PullProgress?
    ) {
        self.enabledAt = enabledAt
        self.lastEventAt = lastEventAt
        self.pending = pending
        self.failed = failed
        self.pull = pull
    }
}

/// Keeps what is known of mirrored orders. Every method is one transaction, and throws ``StorageFailure`` and nothing else.
package protocol MirrorStorage: Sendable {
    /// The secret with which a store's webhooks are signed; `nil` if the store is not mirrored.
    func mirrorSecret(of storeID: StoreID) async throws -> String?

    /// Begins to mirror a store, or changes its secret. `nil` ends it; what is known stays.
    /// - Returns: false if there is no such store, or it was not mirrored and that is to end.
    func setMirror(of storeID: StoreID, secret: String?, at time: Timestamp) async throws -> Bool

    /// Takes events into what is known of their orders, each once.
    ///
    /// If the order of one is not known, its body is kept.
    /// - Returns: what has become of each.
    func merge(_ events: [ReceivedEvent], in storeID: StoreID, at time: Timestamp) async throws -> [MergedEvent]

    /// Changes what is known of an order.
    /// - Returns: what is known then; `nil` if nothing was.
    func changeMirrored(
        _ number: String, in storeID: StoreID, at time: Timestamp, _ change: @escaping @Sendable (inout MirroredOrder) -> Void
    ) async throws -> StoredMirroredOrder?

    /// What is known of orders, except those of which nothing is.
    func mirrored(_ numbers: [String], in storeID: StoreID) async throws -> [StoredMirroredOrder]

    /// Notes that there was nothing to write of orders, or why they could not be made. Writing an ``OrderChange/mirrored`` notes it itself.
    func noteMade(_ orders: [MadeOrder], in storeID: StoreID, at time: Timestamp) async throws

    /// Orders of all mirrored stores that are to be made since before a time, the oldest first.
    func pendingMirrored(before time: Timestamp, limit: Int) async throws -> [(storeID: StoreID, number: String)]

    /// Keeps what can't be used.
    func keepFailed(_ body: [UInt8], reason: String, in storeID: StoreID, at time: Timestamp) async throws

    /// What a store's mirror could not use, the oldest first.
    func mirrorFailures(of storeID: StoreID, limit: Int) async throws -> [MirrorFailure]

    /// A body that was kept; `nil` if it is not there any more.
    func failedBody(_ id: UUIDBytes, in storeID: StoreID) async throws -> [UInt8]?

    func removeFailed(_ id: UUIDBytes, in storeID: StoreID) async throws

    /// Orders that were deleted, one for each id or key, with the JSON that their merchant's orders were; `nil` where there is none.
    func deletedOrders(_ names: [OrderName], in storeID: StoreID) async throws -> [(id: OrderID, document: [UInt8])?]

    /// Notes that a pull has seen these orders of the other side's list.
    /// - Parameter start: when the pull has started.
    /// - Returns: the references of those that were not read since their last change, or could not be made.
    func noteSeen(_ orders: [ScalevOrder], in storeID: StoreID, bySince start: Timestamp) async throws -> Set<String>

    /// Takes a whole order, as a pull has read it, into what is known of it.
    /// - Parameter start: when the pull has started.
    /// - Returns: false if its customer was forgotten.
    func merge(_ order: ScalevOrder, in storeID: StoreID, seenSince start: Timestamp, at time: Timestamp) async throws -> Bool

    /// Orders made here, and not deleted on the other side, that a pull has not seen, in the order of their numbers.
    /// - Returns: some of them, and after which number there may be more.
    func unseenMirrored(
        of storeID: StoreID, bySince start: Timestamp, after number: String
    ) async throws -> (orders: [MirroredOrderName], next: String?)

    /// Notes how far a pull is.
    func notePull(_ progress: PullProgress, of storeID: StoreID) async throws

    /// `nil` if the store is not mirrored.
    func mirrorStatus(of storeID: StoreID) async throws -> MirrorStatus?
}
