import JSON
package import Orders

/// The orders that a signed-in buyer may read: their own, and those of other customers with their e-mail address, which is what they prove when
/// they sign in.
package struct BuyerOrders: Sendable {
    let storage: any OrderStorage
    let publicURL: PublicURL?

    /// - Parameter publicURL: the URL at which buyers reach the service, for the links in their orders; `nil` if it is unknown.
    package init(storage: any OrderStorage, publicURL: PublicURL?) {
        self.storage = storage
        self.publicURL = publicURL
    }

    /// An order as JSON.
    /// - Parameter isKnown: whether the client already has the bytes for a tag; these are not read again.
    /// - Throws: ``Failure/orderNotFound`` if the buyer has no such order; ``StorageFailure``.
    package func order(
        _ reference: OrderReference, of buyer: Buyer, isKnown: (@Sendable (EntityTag) -> Bool)? = nil
    ) async throws -> Answer {
        if let answer = try await ownOrder(reference, of: buyer, isKnown: isKnown) { return answer }
        for other in try await storage.others(sharingAddressWith: buyer) {
            if let answer = try await ownOrder(reference, of: other, isKnown: isKnown) { return answer }
        }
        throw Failure.orderNotFound
    }

    private func ownOrder(
        _ reference: OrderReference, of buyer: Buyer, isKnown: (@Sendable (EntityTag) -> Bool)?
    ) async throws -> Answer? {
        try await withCheckedThrowingContinuation { continuation in
            readOrder(reference, of: buyer, isKnown: isKnown) { continuation.resume(with: $0) }
        }
    }

    /// Reads an order of the very customer as JSON; the result is `nil` if they have no such order.
    /// - Parameters:
    ///   - isKnown: whether the client already has the bytes for a tag; these are not read again.
    ///   - receive: called once, either on the calling thread before this returns or later on another one. It must not block.
    package func readOrder(
        _ reference: OrderReference, of buyer: Buyer, isKnown: (@Sendable (EntityTag) -> Bool)?,
        receive: @escaping @Sendable (Result<Answer?, StorageFailure>) -> Void
    ) {
        guard let isKnown else { return readWhole(reference, of: buyer, receive: receive) }
        storage.readVersion(of: reference, for: buyer) { version in
            guard case .success(let version?) = version else { return receive(version.map { _ in nil }) }
            let tag = EntityTag(version, publicURL: publicURL)
            if isKnown(tag) {
                receive(.success(Answer(tag: tag, body: nil)))
            } else {
                readWhole(reference, of: buyer, receive: receive)
            }
        }
    }

    private func readWhole(
        _ reference: OrderReference, of buyer: Buyer, receive: @escaping @Sendable (Result<Answer?, StorageFailure>) -> Void
    ) {
        storage.readOrder(reference, for: buyer) { order in receive(order.map { $0.map(answer) }) }
    }

    private func answer(with order: StoredOrder) -> Answer {
        Answer(tag: EntityTag(order.version, publicURL: publicURL), body: order.json(publicURL: publicURL))
    }

    /// A page of orders as JSON, in the format of every list (`api.md`).
    /// - Parameter isKnown: whether the client already has the bytes for a tag; these are not read again.
    /// - Throws: ``StorageFailure``.
    package func page(
        _ request: PageRequest, of buyer: Buyer, isKnown: ((EntityTag) -> Bool)? = nil
    ) async throws -> Answer {
        if let isKnown {
            var outline = try await storage.outline(of: request, for: buyer)
            if outline.isShared { outline = try await outlines(of: request, for: buyer, outline).merged }
            let tag = EntityTag(outline, size: request.size, publicURL: publicURL)
            if isKnown(tag) { return Answer(tag: tag, body: nil) }
        }
        var page = try await storage.page(request, for: buyer)
        if page.outline.isShared { page = try await wholePage(request, of: buyer, page) }
        return Answer(
            tag: EntityTag(page.outline, size: request.size, publicURL: publicURL), body: body(of: page, size: request.size))
    }

    /// The outlines of a page of each customer who has the buyer's address, beginning with the buyer's own, and what they make together.
    private func outlines(
        of request: PageRequest, for buyer: Buyer, _ own: PageOutline
    ) async throws -> (all: [(buyer: Buyer, outline: PageOutline)], merged: PageOutline) {
        var all = [(buyer: buyer, outline: own)]
        for other in try await storage.others(sharingAddressWith: buyer) {
            all.append((other, try await storage.outline(of: request, for: other)))
        }
        return (all, StoredPage(request, merging: all.map { StoredPage(outline: $0.outline, orders: []) }).outline)
    }

    /// A page of all customers who have the buyer's address. Each one's orders are as of one moment, but not those of different ones.
    private func wholePage(_ request: PageRequest, of buyer: Buyer, _ own: StoredPage) async throws -> StoredPage {
        let (all, merged) = try await outlines(of: request, for: buyer, own.outline)
        let ids = Set(merged.entries.map(\.id))
        var pages = [own]
        for (buyer, outline) in all.dropFirst() {
            // Whoever has no order on the page only says whether there are others.
            let isOnPage = outline.entries.contains { ids.contains($0.id) }
            pages.append(
                isOnPage
                    ? try await storage.page(request, for: buyer)
                    : StoredPage(outline: outline.withoutEntries(of: request), orders: []))
        }
        return StoredPage(request, merging: pages)
    }

    /// - Parameters:
    ///   - next: where the next page begins; `nil` behind the last order.
    ///   - previous: the same of the previous one.
    func body(of page: StoredPage, size: Int, next: OrderID? = nil, previous: OrderID? = nil) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(
            page.orders.reduce(512) { $0 + $1.document.template.count + $1.store.count + $1.customer.count + 256 })
        body.append(contentsOf: #"{"data":["#.utf8)
        for (position, order) in page.orders.enumerated() {
            if position > 0 { body.append(UInt8(ascii: ",")) }
            order.append(to: &body, publicURL: publicURL)
        }
        let outline = page.outline
        // An empty page has no position from which to continue.
        let envelope = PageEnvelope(
            next: outline.hasNext ? (next ?? outline.entries.last?.id).map { PageCursor($0).text } : nil,
            previous: outline.hasPrevious ? (previous ?? outline.entries.first?.id).map { PageCursor($0).text } : nil, size: size)
        var end = JSONWriter()
        end.append(raw: "]")
        for (name, value) in envelope.members {
            end.append(raw: ",")
            end.append(string: name)
            end.append(raw: ":")
            end.append(value)
        }
        end.append(UInt8(ascii: "}"))
        return body + end.bytes
    }
}

/// An answer's tag, and its bytes unless the client already has them.
package struct Answer: Sendable {
    package let tag: EntityTag
    package let body: [UInt8]?
}

extension Failure {
    /// The buyer has no such order. The answer is the same for another buyer's, another store's and a nonexistent order.
    package static let orderNotFound = Failure(.notFound, "order_not_found", "Order not found")
}
