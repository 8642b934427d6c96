/// Where the events of a store are sent.
package struct WebhookEndpoint: Hashable, Sendable {
    /// Why nothing is sent. The raw values are stored and shown.
    package enum Stop: String, CaseIterable, Sendable {
        /// Its merchant wants it so.
        case paused
        /// Nothing could be delivered for three days.
        case failing
        /// It has answered 410: it is not there any more.
        case gone
    }

    /// Which server delivers to an endpoint, and a number that this server raises as long as it does.
    package struct Hold: Hashable, Sendable {
        package let holder: UUIDBytes
        package let beat: Int64

        package init(holder: UUIDBytes, beat: Int64) {
            self.holder = holder
            self.beat = beat
        }
    }

    /// A part of a store's events that is sent once more.
    package struct Replay: Hashable, Sendable {
        /// The position of the last event that was taken up, or that before the first.
        package var position: Int64
        /// The position of the last event to send.
        package let end: Int64

        package init(after position: Int64, upTo end: Int64) {
            self.position = position
            self.end = end
        }
    }

    package let id: UUIDBytes
    package let storeID: StoreID
    /// An `http(s)://` URL with a host.
    package var url: String
    /// Which events are sent; `nil` for all, also those that later versions add.
    package var events: Set<OrderEvent.Kind>?
    /// Who gets a mail if it is switched off; `nil` if nobody asked for it.
    package var noticeEmail: EmailAddress?
    package var secret: WebhookSecret
    /// The secret before the current one, with which deliveries are signed too.
    package var previousSecret: WebhookSecret?
    /// Until when they are.
    package var previousSecretEndsAt: Timestamp?
    /// `nil` if events are sent.
    package var stop: Stop?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    /// The position of the last event that was taken up for delivery, or was there before the endpoint.
    package var position: Int64
    package var replay: Replay?
    /// The place of the last delivery to it that was queued.
    package var lastPlace: Int64
    /// Since when nothing could be delivered; `nil` if the last attempt succeeded.
    package var failingSince: Timestamp?
    /// `nil` if no server delivers to it.
    package var hold: Hold?

    package init(
        id: UUIDBytes, storeID: StoreID, url: String, events: Set<OrderEvent.Kind>?, noticeEmail: EmailAddress?,
        secret: WebhookSecret, previousSecret: WebhookSecret? = nil, previousSecretEndsAt: Timestamp? = nil, stop: Stop? = nil,
        createdAt: Timestamp, updatedAt: Timestamp, position: Int64 = 0, replay: Replay? = nil, lastPlace: Int64 = 0,
        failingSince: Timestamp? = nil,
        hold: Hold? = nil
    ) {
        self.id = id
        self.storeID = storeID
        self.url = url
        self.events = events
        self.noticeEmail = noticeEmail
        self.secret = secret
        self.previousSecret = previousSecret
        self.previousSecretEndsAt = previousSecretEndsAt
        self.stop = stop
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.position = position
        self.replay = replay
        self.lastPlace = lastPlace
        self.failingSince = failingSince
        self.hold = hold
    }

    /// Whether events of a kind are sent.
    package func wants(_ kind: OrderEvent.Kind) -> Bool { events?.contains(kind) ?? true }

    /// The secrets that sign a delivery, the current one first.
    package func secrets(at time: Timestamp) -> [WebhookSecret] {
        guard let previousSecret, let previousSecretEndsAt, time < previousSecretEndsAt else { return [secret] }
        return [secret, previousSecret]
    }
}
