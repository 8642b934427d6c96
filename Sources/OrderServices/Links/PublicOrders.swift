package import JSON
package import Orders

/// Orders by their secret links: what whoever has the link sees of an order, and says about its payment.
package struct PublicOrders: Sendable {
    private let storage: any OrderStorage
    private let links: any OrderLinkStorage
    private let looks: LookCounter
    private let orders: MerchantOrders
    private let publicURL: PublicURL?
    private let proofs: ReportedProofs

    /// - Parameters:
    ///   - proofs: the pictures that were sent for orders.
    ///   - publicURL: as that of ``BuyerOrders``.
    package init(
        storage: any OrderStorage, links: any OrderLinkStorage, looks: LookCounter, proofs: ReportedProofs, publicURL: PublicURL?
    ) {
        self.storage = storage
        self.links = links
        self.proofs = proofs
        self.looks = looks
        self.publicURL = publicURL
        orders = MerchantOrders(storage: storage, publicURL: publicURL)
    }

    /// An order as JSON, which counts as a look at it.
    /// - Parameters:
    ///   - visitor: who reads it, if they have signed in: they get all of it if they have the address of its customer.
    ///   - isKnown: whether the client already has the bytes for a tag.
    /// - Throws: ``Failure/publicOrderNotFound`` if no link of the store has this secret, or not any more; ``StorageFailure``.
    package func order(
        _ slug: String, in storeID: StoreID, shownTo visitor: Buyer?, isKnown: (EntityTag) -> Bool = { _ in false },
        at time: Timestamp = .now
    ) async throws -> Answer {
        let current = try await current(slug, in: storeID, at: time)
        var answer = try await view(current, in: storeID, shownTo: visitor, at: time)
        if isKnown(answer.tag) { answer = Answer(tag: answer.tag, body: nil) }
        looks.note(OrderKey(storeID: storeID, id: current.id), at: time)
        return answer
    }

    /// Takes what a visitor says about their payment.
    /// - Throws: ``Failure/publicOrderNotFound``; ``Failure/orderNotPayable`` if the order is paid or canceled; ``Failure/invalidContent(_:)``;
    ///   ``StorageFailure``.
    package func report(_ payment: ReportedPayment, of slug: String, in storeID: StoreID, shownTo visitor: Buyer?) async throws
        -> Answer
    {
        let time = Timestamp.now
        let current = try await current(slug, in: storeID, at: time)
        let store = try await storage.store(storeID)
        let fields = try payment.fields(in: store)
        let proof = try await proofs.proof(in: payment, of: current.id, in: storeID, at: time)
        do {
            _ = try await orders.change([.slug(slug)], for: MerchantRequest(in: storeID, by: .visitor)) { order, time in
                let before = try order.json
                guard PaymentInstructions(of: before, store: store, at: time).takesReports else { throw Failure.orderNotPayable }
                var after = before.replacing(fields)
                // What the merchant has said of the same picture stays.
                if let proof, before.optionalText("transferproof_url") != proof.url {
                    after = after.replacing([(TransferProof.field, proof.stored)])
                }
                return after == before ? .unchanged : .changed(after.touched(at: time))
            }
        } catch let failure as Failure where failure == .unknownOrders([0]) {
            throw Failure.publicOrderNotFound
        }
        guard let changed = try await storage.currentOrder(.id(current.id), in: storeID) else {
            throw Failure.publicOrderNotFound
        }
        return try await view(changed, in: storeID, shownTo: visitor, at: time)
    }

    /// The order that a link leads to, if it still waits for its payment.
    /// - Throws: ``Failure/publicOrderNotFound``, ``Failure/orderNotPayable``; ``StorageFailure``.
    func payable(_ slug: String, in storeID: StoreID, at time: Timestamp) async throws -> CurrentOrder {
        let current = try await current(slug, in: storeID, at: time)
        let store = try await storage.store(storeID)
        guard PaymentInstructions(of: try current.json, store: store, at: time).takesReports else {
            throw Failure.orderNotPayable
        }
        return current
    }

    /// The id of the order that a link leads to.
    /// - Throws: ``Failure/publicOrderNotFound``; ``StorageFailure``.
    package func orderID(_ slug: String, in storeID: StoreID) async throws -> OrderID {
        try await current(slug, in: storeID, at: .now).id
    }

    /// The tag of what a link shows now; `nil` if it leads nowhere any more.
    /// - Throws: ``StorageFailure``.
    func tag(_ slug: String, in storeID: StoreID, shownTo visitor: Buyer?) async throws -> EntityTag? {
        do {
            let time = Timestamp.now
            return try await view(try await current(slug, in: storeID, at: time), in: storeID, shownTo: visitor, at: time).tag
        } catch let failure as Failure where failure == .publicOrderNotFound {
            return nil
        }
    }

    /// The order that a link leads to.
    /// - Throws: ``Failure/publicOrderNotFound``; ``StorageFailure``.
    func current(_ slug: String, in storeID: StoreID, at time: Timestamp) async throws -> CurrentOrder {
        // Longer ones are nobody's, and PostgreSQL can't look for the character that ends a text in C.
        guard (1...500).contains(slug.utf8.count), !slug.utf8.contains(0),
            let current = try await storage.currentOrder(.slug(slug), in: storeID),
            try await links.linkEnd(of: slug, in: storeID).map({ time < $0 }) ?? true
        else { throw Failure.publicOrderNotFound }
        return current
    }

    private func view(
        _ current: CurrentOrder, in storeID: StoreID, shownTo visitor: Buyer?, at time: Timestamp
    ) async throws -> Answer {
        let order = try current.json
        let customerID = try current.customerID
        async let storedCustomer = storage.customer(customerID, in: storeID)
        let store = try await storage.store(storeID)
        let customer = try await storedCustomer ?? .null
        let isProven = try await isProven(visitor, Buyer(storeID: storeID, customerID: customerID))
        do throws(Refusal) {
            let json = try PublicOrder.json(
                of: order, id: current.id, store: store, customer: customer, isProven: isProven,
                publicURL: publicURL, at: time)
            return Answer(tag: EntityTag(ofPublicView: json), body: json)
        } catch {
            throw StorageFailure.damaged
        }
    }

    /// Whether a visitor has proven the address that the order's customer has.
    private func isProven(_ visitor: Buyer?, _ customer: Buyer) async throws -> Bool {
        guard let visitor, visitor.storeID == customer.storeID else { return false }
        if visitor.customerID == customer.customerID { return true }
        return try await storage.others(sharingAddressWith: visitor).contains(customer)
    }
}

/// What somebody says about their payment of an order: the fields that they give, of which `null` takes back an earlier value.
package struct ReportedPayment: Sendable {
    /// The fields that are stored as they are.
    package var fields: [(name: String, value: JSON)] = []
    /// The store's account that was paid to, by the id of its bank (`financial_entity`).
    package var bank: Int64?
    /// The store's account that was paid to, by its unique id.
    package var account: String?
    /// Whether they take back which account it was.
    package var takesBackAccount = false

    package init() {}

    /// The order's fields.
    /// - Throws: ``Failure/invalidContent(_:)`` if the store has no such account.
    fileprivate func fields(in store: JSON) throws(Failure) -> [(name: String, value: JSON)] {
        var accounts: [JSON] = []
        if case .array(let elements)? = store["payment_accounts"] { accounts = elements }
        var named: JSON?
        if let account {
            named = accounts.first { $0.optionalText("unique_id") == account }
            guard named != nil else { throw .invalidContent([FieldError("payment_account", "is no account of this store")]) }
        } else if let bank {
            named = accounts.first { $0["financial_entity"]?["id"] == .number(String(bank)) }
            guard named != nil else {
                throw .invalidContent([FieldError("financial_entity_id", "is the bank of no account of this store")])
            }
        }
        guard named != nil || takesBackAccount else { return fields }
        let entity = named?["financial_entity"] ?? .null
        var taken: [(name: String, value: JSON)] = [
            (
                "financial_entity",
                entity == .null
                    ? .null : ["id": entity["id"] ?? .null, "code": entity["code"] ?? .null, "name": entity["name"] ?? .null]
            )
        ]
        // What the visitor says themselves counts first.
        for (field, source) in [("payment_account_holder", "account_holder"), ("payment_account_number", "account_number")]
        where !fields.contains(where: { $0.name == field }) {
            taken.append((field, named?[source] ?? .null))
        }
        return fields + taken
    }
}

extension PaymentInstructions {
    /// Whether a visitor may still say something about the payment.
    fileprivate var takesReports: Bool {
        switch state {
        case .unpaid, .inReview, .expired: true
        case .paid, .canceled, .notNeeded: false
        }
    }
}

extension Failure {
    /// No link of the store has this secret, or not any more. All of these get the same answer.
    package static let publicOrderNotFound = Failure(.notFound, "order_not_found", "Order not found")

    /// The order is paid, canceled or costs nothing.
    package static let orderNotPayable = Failure(
        .unreadable, "order_not_payable", "The order does not wait for a payment: nothing was changed")
}
