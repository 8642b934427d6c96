/// An event on its way to an endpoint, or how it got there.
package struct WebhookDelivery: Hashable, Sendable {
    /// The raw values are stored and shown.
    package enum Status: String, CaseIterable, Sendable {
        /// It was not tried yet, or is tried again.
        case pending
        /// The endpoint has answered 2xx.
        case delivered
        /// It is not tried again.
        case failed
    }

    /// What has become of an attempt.
    package struct Attempt: Hashable, Sendable {
        package let at: Timestamp
        /// How long it took, in milliseconds.
        package let duration: Int64
        /// The status of the answer; `nil` if none came.
        package let answerStatus: Int?
        /// The beginning of the answer's body.
        package let answer: String?
        /// Why it failed, in words for the merchant; `nil` if it did not.
        package let failure: String?

        package init(at: Timestamp, duration: Int64, answerStatus: Int?, answer: String?, failure: String?) {
            self.at = at
            self.duration = duration
            self.answerStatus = answerStatus
            self.answer = answer
            self.failure = failure
        }
    }

    /// A UUIDv7: deliveries are listed in the order of their ids.
    package let id: UUIDBytes
    package let storeID: StoreID
    package let endpointID: UUIDBytes
    package let orderID: OrderID
    /// The number of the event among those of its order.
    package let number: Int64
    package let kind: OrderEvent.Kind
    package let queuedAt: Timestamp
    /// The place among the deliveries to the endpoint, by which they are sent; 0 before it was stored.
    package let place: Int64
    package var status: Status
    package var attempts: Int64
    /// When it is tried next, if it is pending.
    package var dueAt: Timestamp
    /// The last attempt.
    package var last: Attempt?

    /// A new one, which is due at once.
    /// - Parameter number: tells those of the same time apart, in whose order they are listed: from 0.
    package init(_ event: OrderEvent, to endpointID: UUIDBytes, at time: Timestamp, number: Int = 0) {
        self.init(
            id: Self.id(at: Timestamp(microseconds: time.microseconds + Int64(number))), storeID: event.storeID,
            endpointID: endpointID, orderID: event.orderID, number: event.number,
            kind: event.kind, queuedAt: time, place: 0,
            status: .pending, attempts: 0, dueAt: time, last: nil)
    }

    package init(
        id: UUIDBytes, storeID: StoreID, endpointID: UUIDBytes, orderID: OrderID, number: Int64, kind: OrderEvent.Kind,
        queuedAt: Timestamp, place: Int64, status: Status, attempts: Int64, dueAt: Timestamp, last: Attempt?
    ) {
        self.id = id
        self.storeID = storeID
        self.endpointID = endpointID
        self.orderID = orderID
        self.number = number
        self.kind = kind
        self.queuedAt = queuedAt
        self.place = place
        self.status = status
        self.attempts = attempts
        self.dueAt = dueAt
        self.last = last
    }

    /// A UUIDv7 whose next 12 bits are the fraction of the millisecond (RFC 9562, section 6.2, method 3).
    private static func id(at time: Timestamp) -> UUIDBytes {
        let (milliseconds, rest) = time.microseconds.quotientAndRemainder(dividingBy: 1000)
        let fraction = UInt64(rest) * 4096 / 1000
        return UUIDBytes(
            high: UInt64(milliseconds) << 16 | 0x7000 | fraction, low: UInt64.random(in: 0..<(1 << 62)) | 1 << 63)
    }

    /// The lowest id of the moment.
    package static func lowestID(at time: Timestamp) -> UUIDBytes {
        UUIDBytes(high: UInt64(max(0, time.microseconds / 1000)) << 16 | 0x7000, low: 1 << 63)
    }
}

/// Which deliveries are listed.
package struct WebhookDeliveryFilter: Sendable {
    package var endpointID: UUIDBytes?
    package var status: WebhookDelivery.Status?
    /// Only those that were queued at or after.
    package var since: Timestamp?
    /// Only those that were queued before.
    package var until: Timestamp?

    package init(
        endpointID: UUIDBytes? = nil, status: WebhookDelivery.Status? = nil, since: Timestamp? = nil, until: Timestamp? = nil
    ) {
        self.endpointID = endpointID
        self.status = status
        self.since = since
        self.until = until
    }
}
