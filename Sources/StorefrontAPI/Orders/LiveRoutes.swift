import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import OrderServices
import Orders

/// Changes of orders as server-sent events, as long as the caller may read the orders.
struct LiveRoutes: Sendable {
    let live: LiveOrders
    let publicOrders: PublicOrders
    let access: StorefrontAccess
    let shared = SharedEvents()
    let open: OpenStreams

    init(live: LiveOrders, publicOrders: PublicOrders, access: StorefrontAccess) {
        self.live = live
        self.publicOrders = publicOrders
        self.access = access
        open = OpenStreams(isLimited: access.limits.customer != nil)
    }

    func add(to routes: inout Routes) {
        routes.add(Self.all, access.customer, all)
        routes.add(Self.one, access.customer, one)
        routes.add(Self.byLink, access.visitor, byLink)
        routes.answerDirectly(answerDirectly)
    }

    private static let parameters = [ServerSentEvent.lastIDParameter]
    private static let answer = Operation.Answer(
        200,
        "Events: missed ones, then ready (or reset, if there were too many), then each change as it happens, and a comment every 15 seconds",
        content: ("text/event-stream", .inline(["type": "string"])))
    private static let explanation =
        "Each event has the ETag of the order as it is then; an order that is gone has none. The stream ends with the token."

    static let all = Operation(
        .get, StorefrontAPI.store + "/customers/me/orders/events", "listenToCustomerOrders", tag: "Orders",
        "Listen to your orders", explanation, parameters: parameters, answers: [answer], errors: [400, 429], isCrossOrigin: true)

    static let one = Operation(
        .get, StorefrontOrders.orderPath + "/events", "listenToCustomerOrder", tag: "Orders", "Listen to one of your orders",
        explanation,
        parameters: [StorefrontOrders.id] + parameters,
        answers: [answer], errors: [400, 404], isCrossOrigin: true)

    static let byLink = Operation(
        .get, PublicOrderRoutes.path + "/events", "listenToPublicOrder", tag: "Public orders",
        "Listen to an order by its secret link", "The stream ends with the link.",
        parameters: PublicOrderRoutes.parameters + parameters, answers: [answer],
        errors: [400, 401], isCrossOrigin: true)

    private func all(_ buyer: Buyer, _ call: Call) async throws -> Response {
        try await listen(.orders(of: buyer, token: call.token), "customer \(buyer.customerID)", call)
    }

    private func one(_ buyer: Buyer, _ call: Call) async throws -> Response {
        try await listen(
            .order(try call.orderReference(), of: buyer, token: call.token), "customer \(buyer.customerID)", call)
    }

    private func byLink(_ visitor: Visitor, _ call: Call) async throws -> Response {
        let (slug, key) = (try call.secretSlug(), call.request.headers[StorefrontAccess.keyField] ?? "")
        return try await listen(
            .link(slug: slug, visitor: visitor, key: key, token: visitor.buyer.map { _ in call.token }),
            "client \(access.proxies.client(of: call.request, call.context) ?? "")", call)
    }

    /// - Parameter name: whose streams are counted together.
    private func listen(_ subject: LiveListener.Subject, _ name: String, _ call: Call) async throws -> Response {
        let position = try call.lastEventID()
        let listener = LiveListener(subject, self, try open.place(for: name, in: subject.storeID))
        let beginning = try await listener.listen(after: position)
        let queue = QueuedBytes(capacity: LiveEvents.patience)
        return call.stream(Self.contentType, lasting: .seconds(4000)) { writer in
            defer { listener.stop() }
            listener.start(writingTo: queue, beginning)
            for await piece in queue.pieces { try await writer.write(piece) }
        }
    }

    static let contentType = "text/event-stream"
}

/// What a listener asks for.
extension LiveRoutes {
    /// Whether somebody may still listen; `nil` if that has to be looked up.
    func isAllowedNow(_ subject: LiveListener.Subject) -> Bool? {
        if case .link(_, let visitor, let key, _) = subject, !access.watch.directory.has(key, of: visitor.storeID) {
            return false
        }
        guard let login = subject.login else { return true }
        return access.tokens.rememberedBuyer(presenting: login.token).map { $0 == login.buyer }
    }

    /// Whether somebody may still listen.
    func isAllowed(_ subject: LiveListener.Subject) async -> Bool {
        if let isAllowed = isAllowedNow(subject) { return isAllowed }
        guard let login = subject.login else { return true }
        return (try? await access.tokens.buyer(presenting: login.token)) == login.buyer
    }

    /// Whether a link leads somewhere. A storage that fails for a moment ends no stream.
    func stillLeadsSomewhere(_ slug: String, in storeID: StoreID, receive: @escaping @Sendable (Bool) -> Void) {
        let moment = Timestamp.now.seconds / SharedEvents.LinkKey.interval
        shared.links.value(.init(storeID: storeID, slug: slug, moment: moment)) { [publicOrders] in
            do { _ = try await publicOrders.orderID(slug, in: storeID) } catch is Failure { return false }
            return true
        } receive: {
            receive((try? $0.get()) ?? true)
        }
    }

    /// An event as those get it who have the same view of it.
    func event(
        _ event: OrderEvent, heardBy subject: LiveListener.Subject,
        receive: @escaping @Sendable (Result<SharedEvents.Event, any Error>) -> Void
    ) {
        var (slug, visitor): (String?, Visitor?)
        if case .link(let given, let looking, _, _) = subject { (slug, visitor) = (given, looking) }
        let key = SharedEvents.EventKey(storeID: event.storeID, position: event.position, slug: slug, visitor: visitor)
        shared.events.value(key) { [live, slug, visitor] in
            if let slug {
                let tag = try await live.tag(ofPublic: slug, in: event.storeID, shownTo: visitor?.buyer)
                return .init(bytes: ServerSentEvent(event, tag).bytes, owner: nil, isThere: tag != nil)
            }
            let (owner, tag) = try await live.change(of: event.orderID, in: event.storeID)
            return .init(bytes: ServerSentEvent(event, tag).bytes, owner: owner, isThere: tag != nil)
        } receive: {
            receive($0)
        }
    }
}

extension LiveOrders.Beginning {
    /// What is told first: what was missed, and that what follows is all.
    var bytes: [UInt8] {
        missed.flatMap { ServerSentEvent($0.event, $0.tag).bytes }
            + ServerSentEvent(id: position, isAnew ? "reset" : "ready", ["etag": JSON(tag?.text)]).bytes
    }
}

extension Call {
    fileprivate var token: String { request.headers[.authorization]?.bearerToken ?? "" }
}

extension ServerSentEvent {
    /// A change of an order, without who has made it.
    fileprivate init(_ event: OrderEvent, _ tag: EntityTag?) {
        let all = event.json
        var fields: [(String, JSON)] = ["order_id", "event", "status", "payment_status", "at"].map { ($0, all[$0] ?? .null) }
        fields.append(("etag", JSON(tag?.text)))
        self.init(id: event.position, event.kind.rawValue, .object(JSONObject(fields)))
    }
}
