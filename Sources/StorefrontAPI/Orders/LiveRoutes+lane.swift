import Accounts
import HTTPServing
import HTTPTypes
import OrderServices
import Orders

extension LiveRoutes {
    /// Answers those who listen without the router, if who they are is known before: a stream of the lane costs a third of the memory. Everything else,
    /// including all errors, takes the ordinary route.
    func answerDirectly(_ request: DirectRequest, receive: @escaping @Sendable (DirectAnswer?) -> Void) -> Bool {
        guard !request.isHead, let path = Self.path(request.target),
            let (subject, allowance, name, giveBack) = admit(request, path)
        else { return false }
        guard let position = Self.position(request), let place = try? open.place(for: name, in: subject.storeID) else {
            giveBack()
            return false
        }
        let listener = LiveListener(subject, self, place)
        var fields = HeaderLines(capacity: 320)
        fields.append("Content-Type", Self.contentType)
        fields.append("Cache-Control", "no-store")
        fields.append("Vary", "Origin")
        allowance?.appendFields(to: &fields)
        if let origin = request.origin, access.watch.directory.allows(origin, for: subject.storeID) {
            fields.append("Access-Control-Allow-Origin", origin)
            fields.append("Access-Control-Expose-Headers", CrossOrigin.answerFields)
        }
        Task { [fields] in
            guard let beginning = try? await listener.listen(after: position.value) else {
                listener.stop()
                giveBack()
                return receive(nil)
            }
            receive(
                DirectAnswer(fields: fields, route: path.route) { stream in
                    stream.onEnd { listener.stop() }
                    listener.start(writingTo: stream, beginning)
                })
        }
        return true
    }

    private struct Position {
        let value: Int64?
    }

    /// `nil` for what the ordinary route refuses.
    private static func position(_ request: DirectRequest) -> Position? {
        guard let text = request.value("Last-Event-ID"), !text.isEmpty else { return Position(value: nil) }
        return ServerSentEvent.position(text).map { Position(value: $0) }
    }

    /// Who listens, what is left of their limit, whose streams are counted together, and how the limit gets the request back.
    private func admit(
        _ request: DirectRequest, _ path: Path
    ) -> (LiveListener.Subject, Allowance?, name: String, giveBack: @Sendable () -> Void)? {
        guard let storeID = StoreID(path.storeID) else { return nil }
        let token = request.authorization?.bearerToken
        let buyer = token.flatMap { access.tokens.rememberedBuyer(presenting: $0) }
        if case .link(let slug) = path.kind {
            guard let key = request.value(StorefrontAccess.keyField.rawName), access.watch.directory.has(key, of: storeID),
                request.authorization == nil || buyer?.storeID == storeID
            else { return nil }
            let client = access.proxies.client(of: request) ?? ""
            let allowance = access.limits.publicClient?.spend(by: client, in: storeID)
            if allowance?.isRefused ?? false { return nil }
            let visitor = Visitor(storeID: storeID, buyer: buyer)
            return (
                .link(slug: slug, visitor: visitor, key: key, token: buyer.flatMap { _ in token }), allowance, "client \(client)",
                { [limit = access.limits.publicClient] in limit?.giveBack(to: client, in: storeID) }
            )
        }
        guard let buyer, let token, buyer.storeID == storeID else { return nil }
        let subject: LiveListener.Subject
        if case .order(let id) = path.kind {
            guard let reference = OrderReference(id) else { return nil }
            subject = .order(reference, of: buyer, token: token)
        } else {
            subject = .orders(of: buyer, token: token)
        }
        let holder = buyer.customerID.description
        let allowance = access.limits.customer?.spend(by: holder, in: storeID)
        if allowance?.isRefused ?? false { return nil }
        return (
            subject, allowance, "customer \(buyer.customerID)",
            { [limit = access.limits.customer] in limit?.giveBack(to: holder, in: storeID) }
        )
    }

    private struct Path {
        enum Kind {
            case orders
            case order(String)
            case link(String)
        }

        let storeID: String
        let kind: Kind
        let route: String
    }

    /// `nil` if anything about it is unusual.
    private static func path(_ target: String) -> Path? {
        guard target.hasSuffix("/events"), !target.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "%") })
        else { return nil }
        let parts = target.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 6, parts[0].isEmpty, parts[1] == "v3", parts[2] == "stores" else { return nil }
        if parts[4...6] == ["customers", "me", "orders"] {
            if parts.count == 8 { return Path(storeID: parts[3], kind: .orders, route: all.path) }
            return parts.count == 9 ? Path(storeID: parts[3], kind: .order(parts[7]), route: one.path) : nil
        }
        guard parts.count == 8, parts[4...5] == ["public", "orders"], !parts[6].isEmpty else { return nil }
        return Path(storeID: parts[3], kind: .link(parts[6]), route: byLink.path)
    }
}
