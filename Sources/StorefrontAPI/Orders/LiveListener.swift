import Accounts
import HTTPServing
import OrderServices
import Orders
import Synchronization

/// Somebody who listens to orders: gets their changes as server-sent events, for as long as they may read them.
///
/// A message is mostly passed on at once, by whoever hands it out: what is sent is shared, and the token is known. Only where something has to be looked up
/// first, a task does that, and the messages after it wait.
final class LiveListener: Sendable {
    /// What somebody listens to, and by what right.
    enum Subject: Sendable {
        case orders(of: Buyer, token: String)
        case order(OrderReference, of: Buyer, token: String)
        /// - Parameter token: that of the visitor's buyer, if they have signed in.
        case link(slug: String, visitor: Visitor, key: String, token: String?)

        var storeID: StoreID {
            switch self {
            case .orders(let buyer, _), .order(_, let buyer, _): buyer.storeID
            case .link(_, let visitor, _, _): visitor.storeID
            }
        }

        /// Who has signed in, and with which token; `nil` for a visitor who has not.
        var login: (buyer: Buyer, token: String)? {
            switch self {
            case .orders(let buyer, let token), .order(_, let buyer, let token): (buyer, token)
            case .link(_, let visitor, _, let token):
                if let buyer = visitor.buyer, let token { (buyer, token) } else { nil }
            }
        }
    }

    private struct State {
        var waiting: [LiveEvents.Message] = []
        /// Whether a message is being worked on, or the beginning is not written yet.
        var isBusy = true
        var isOver = false
        var sink: (any ByteSink)?
        var subscription: LiveEvents.Subscription?
    }

    private let subject: Subject
    private let routes: LiveRoutes
    private let place: OpenStreams.Place
    private let endsAt = Timestamp.now.adding(seconds: lifetime)
    private let state = Mutex(State())

    /// Clients come back after that, in seconds.
    private static let lifetime: Int64 = 3600

    init(_ subject: Subject, _ routes: LiveRoutes, _ place: OpenStreams.Place) {
        self.subject = subject
        self.routes = routes
        self.place = place
    }

    /// Begins to listen. What happens from now on waits for ``start(writingTo:_:)``.
    /// - Throws: ``Failure``, ``StorageFailure``.
    func listen(after position: Int64?) async throws -> LiveOrders.Beginning {
        let receive: LiveEvents.Receive = { [weak self] in self?.receive($0) ?? false }
        return switch subject {
        case .orders(let buyer, _): try await routes.live.listen(toOrdersOf: buyer, after: position, receive: receive)
        case .order(let reference, let buyer, _):
            try await routes.live.listen(to: reference, of: buyer, after: position, receive: receive)
        case .link(let slug, let visitor, _, _):
            try await routes.live.listen(
                toPublic: slug, in: visitor.storeID, shownTo: visitor.buyer, after: position, receive: receive)
        }
    }

    /// Writes what is told first, and then what has happened since and what happens.
    func start(writingTo sink: any ByteSink, _ beginning: LiveOrders.Beginning) {
        sink.write(beginning.bytes)
        let isOver = state.withLock { state in
            (state.sink, state.subscription) = (sink, beginning.subscription)
            return state.isOver
        }
        // More may have happened meanwhile than a listener can have waiting.
        if isOver { sink.end() } else { goOn() }
    }

    /// Listens no more.
    func stop() {
        let subscription = state.withLock { state in
            (state.isOver, state.sink, state.waiting) = (true, nil, [])
            return state.subscription.take()
        }
        place.leave()
        _ = consume subscription
    }

    private func receive(_ message: LiveEvents.Message) -> Bool {
        enum Turn { case now, later, never }
        let turn = state.withLock { state -> Turn in
            if state.isOver { return .never }
            if state.isBusy {
                if state.waiting.count >= LiveEvents.patience { return .never }
                state.waiting.append(message)
                return .later
            }
            state.isBusy = true
            return .now
        }
        switch turn {
        case .now: handle(message)
        case .later: break
        case .never: end()
        }
        return turn != .never
    }

    /// Takes the next message, if there is one.
    private func goOn() {
        let next = state.withLock { state -> LiveEvents.Message? in
            guard !state.waiting.isEmpty, !state.isOver else {
                state.isBusy = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        if let next { handle(next) }
    }

    private func handle(_ message: LiveEvents.Message) {
        guard Timestamp.now < endsAt else { return end() }
        if let isAllowed = routes.isAllowedNow(subject) { return handle(message, isAllowed: isAllowed) }
        Task { handle(message, isAllowed: await routes.isAllowed(subject)) }
    }

    private func handle(_ message: LiveEvents.Message, isAllowed: Bool) {
        guard isAllowed else { return end() }
        switch (message, subject) {
        case (.heartbeat, .link(let slug, let visitor, _, _)):
            routes.stillLeadsSomewhere(slug, in: visitor.storeID) { self.write($0 ? ServerSentEvent.heartbeat.bytes : nil) }
        case (.heartbeat, _): write(ServerSentEvent.heartbeat.bytes)
        case (.event(let event), _): routes.event(event, heardBy: subject) { self.take($0) }
        }
    }

    private func take(_ event: Result<SharedEvents.Event, any Error>) {
        // Without what has happened, nothing that comes later would be complete: the client comes back for it.
        guard case .success(let event) = event else { return end() }
        switch subject {
        // A link that was replaced leads nowhere, and says nothing.
        case .link: write(event.isThere ? event.bytes : nil)
        case .orders(let buyer, _), .order(_, let buyer, _):
            if event.owner == buyer.customerID { return write(event.bytes) }
            Task { [routes, subject] in
                // It may be somebody else's by now.
                guard let isTheirs = try? await routes.live.isTheirs(event.owner, buyer) else { return end() }
                if isTheirs { return write(event.bytes) }
                if case .orders = subject { goOn() } else { end() }
            }
        }
    }

    /// Writes a message and goes on.
    /// - Parameter bytes: `nil` to end.
    private func write(_ bytes: [UInt8]?) {
        guard let bytes else { return end() }
        state.withLock { $0.sink }?.write(bytes)
        goOn()
    }

    private func end() {
        let sink = state.withLock { state in
            state.isOver = true
            return state.sink
        }
        sink?.end()
    }
}
