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
    private let rendered = RenderedEvents()
    private let open: OpenStreams

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
    }

    private static let parameters = [ServerSentEvent.lastIDParameter]
    private static let answer = Operation.Answer(
        200,
        "Events: missed ones, then ready (or reset, if there were too many), then each change as it happens, and a comment every 15 seconds",
        content: ("text/event-stream", .inline(["type": "string"])))
    private static let explanation =
        "Each event has the ETag of the order as it is then; an order that is gone has none. The stream ends with the token."

    private static let all = Operation(
        .get, StorefrontAPI.store + "/customers/me/orders/events", "listenToCustomerOrders", tag: "Orders",
        "Listen to your orders", explanation, parameters: parameters, answers: [answer], errors: [400, 429], isCrossOrigin: true)

    private static let one = Operation(
        .get, StorefrontOrders.orderPath + "/events", "listenToCustomerOrder", tag: "Orders", "Listen to one of your orders",
        explanation,
        parameters: [StorefrontOrders.id] + parameters,
        answers: [answer], errors: [400, 404], isCrossOrigin: true)

    private static let byLink = Operation(
        .get, StorefrontAPI.store + "/public/orders/{secret_slug}/events", "listenToPublicOrder", tag: "Public orders",
        "Listen to an order by its secret link", "The stream ends with the link.",
        parameters: PublicOrderRoutes.parameters + parameters, answers: [answer],
        errors: [400, 401], isCrossOrigin: true)

    private func all(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let place = try open.place(for: "customer \(buyer.customerID)", in: buyer.storeID)
        let beginning = try await live.listen(toOrdersOf: buyer, after: try call.lastEventID())
        return stream(beginning, call, place, isAllowed: stillSignedIn(buyer, call)) { event in
            let change = try await change(event)
            return try await live.isTheirs(change.owner, buyer) ? .event(change.bytes) : .nothing
        }
    }

    private func one(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let place = try open.place(for: "customer \(buyer.customerID)", in: buyer.storeID)
        let beginning = try await live.listen(to: try call.orderReference(), of: buyer, after: try call.lastEventID())
        return stream(beginning, call, place, isAllowed: stillSignedIn(buyer, call)) { event in
            let change = try await change(event)
            // It may be somebody else's by now.
            return try await live.isTheirs(change.owner, buyer) ? .event(change.bytes) : .end
        }
    }

    /// An event as the order's customer gets it, and who that is by now.
    private func change(_ event: OrderEvent) async throws -> RenderedEvents.Rendered {
        let key = RenderedEvents.Key(storeID: event.storeID, position: event.position, slug: nil, visitor: nil)
        return try await rendered.event(key) { [live] in
            let (owner, tag) = try await live.change(of: event.orderID, in: event.storeID)
            return .init(bytes: ServerSentEvent(event, tag).bytes, owner: owner)
        }
    }

    private func byLink(_ visitor: Visitor, _ call: Call) async throws -> Response {
        let slug = try call.secretSlug()
        let (storeID, buyer) = (visitor.storeID, visitor.buyer)
        let place = try open.place(for: "client \(access.caller(call, storeID).client ?? "")", in: storeID)
        let id = try await publicOrders.orderID(slug, in: storeID)
        let beginning = try await live.listen(toPublic: slug, in: storeID, shownTo: buyer, after: try call.lastEventID())
        let isSignedIn: (@Sendable () async -> Bool)? = buyer.map { stillSignedIn($0, call) }
        let isAllowed: @Sendable () async -> Bool = {
            guard access.hasKey(call, of: storeID), await isSignedIn?() ?? true else { return false }
            // A storage that fails for a moment ends no stream.
            do { return try await publicOrders.orderID(slug, in: storeID) == id } catch is Failure { return false } catch {
                return true
            }
        }
        return stream(beginning, call, place, isAllowed: isAllowed) { [live, rendered] event in
            let key = RenderedEvents.Key(storeID: storeID, position: event.position, slug: slug, visitor: visitor)
            return .event(
                try await rendered.event(key) {
                    let tag = try await live.tag(ofPublic: slug, in: storeID, shownTo: buyer)
                    return .init(bytes: ServerSentEvent(event, tag).bytes, owner: nil)
                }.bytes)
        }
    }

    /// Whether the token that the caller has presented is valid, even now.
    private func stillSignedIn(_ buyer: Buyer, _ call: Call) -> @Sendable () async -> Bool {
        let token = call.request.headers[.authorization]?.bearerToken ?? ""
        return { [tokens = access.tokens] in (try? await tokens.buyer(presenting: token)) == buyer }
    }

    /// What a listener gets of an event.
    private enum Heard {
        case event([UInt8])
        case nothing
        /// The stream ends.
        case end
    }

    private func stream(
        _ beginning: LiveOrders.Beginning, _ call: Call, _ place: OpenStreams.Place,
        isAllowed: @escaping @Sendable () async -> Bool, hear: @escaping @Sendable (OrderEvent) async throws -> Heard
    ) -> Response {
        let first = beginning.missed.flatMap { ServerSentEvent($0.event, $0.tag).bytes }
        let tag: JSON = ["etag": JSON(beginning.tag?.text)]
        let ready = ServerSentEvent(id: beginning.position, beginning.isAnew ? "reset" : "ready", tag).bytes
        let subscription = beginning.subscription
        return call.stream("text/event-stream", lasting: Self.duration) { writer in
            defer { place.leave() }
            if !first.isEmpty { try await writer.write(first) }
            try await writer.write(ready)
            for await message in subscription.messages {
                // Nobody is told anything once they may not read it any more.
                guard await isAllowed() else { return }
                switch message {
                case .heartbeat: try await writer.write(ServerSentEvent.heartbeat.bytes)
                case .event(let event):
                    switch try await hear(event) {
                    case .event(let bytes): try await writer.write(bytes)
                    case .nothing: break
                    case .end: return
                    }
                }
            }
        }
    }

    /// Clients come back after that.
    private static let duration = Duration.seconds(3600)
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
