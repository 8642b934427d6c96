package import Accounts
package import JSON
package import Orders

/// What is held about a person: for them, on their request.
package struct PersonalData: Sendable {
    private let orders: any OrderStorage
    private let accounts: any AccountStorage

    package init(orders: any OrderStorage, accounts: any AccountStorage) {
        self.orders = orders
        self.accounts = accounts
    }

    /// Everything that is held about who has an address, in all stores.
    /// - Returns: `nil` if nobody has it.
    /// - Throws: ``StorageFailure``.
    package func export(_ email: EmailAddress, at time: Timestamp = .now) async throws -> JSON? {
        let buyers = try await accounts.customers(with: email)
        guard !buyers.isEmpty else { return nil }
        var customers: [JSON] = []
        for buyer in buyers {
            guard let data = try await accounts.personalData(of: buyer) else { continue }
            var documents: [JSON] = []
            for (id, isDeleted) in try await accounts.orderIDs(of: buyer) {
                if let order = try await order(id, isDeleted: isDeleted, of: buyer) { documents.append(order) }
            }
            customers.append(
                data.replacing([("store_unique_id", .string(buyer.storeID.text)), ("orders", .array(documents))]))
        }
        return ["email": .string(email.text), "exported_at": .string(time.description), "customers": .array(customers)]
    }

    /// Erases who has an address from everything but the accounting record of their orders (``ForgottenOrder``). It can be interrupted and
    /// repeated.
    /// - Returns: how many customers and orders it concerned.
    /// - Throws: ``StorageFailure``.
    package func forget(_ email: EmailAddress, at time: Timestamp = .now) async throws -> (customers: Int, orders: Int) {
        let buyers = try await accounts.customers(with: email)
        var count = 0
        for buyer in buyers {
            let ids = try await accounts.orderIDs(of: buyer)
            var names: [(OrderID, MirroredOrderName?)] = []
            for (id, isDeleted) in ids {
                let order = try await order(id, isDeleted: isDeleted, of: buyer)
                names.append((id, order.flatMap { try? MirroredOrderName($0) }))
            }
            // First, so that no mirror writes what it knows after the orders were rewritten.
            try await accounts.forgetPassing(names, email: email, in: buyer.storeID, at: time)
            for (id, isDeleted) in ids {
                if isDeleted { try await forgetDeleted(id, of: buyer) } else { try await forget(id, of: buyer, at: time) }
                count += 1
            }
            // Last, so that the address leads to what is left if this is interrupted.
            try await accounts.forget(buyer, at: time)
        }
        return (buyers.count, count)
    }

    /// The merchant's order; `nil` if there is none, or it can't be read.
    private func order(_ id: OrderID, isDeleted: Bool, of buyer: Buyer) async throws -> JSON? {
        let document =
            isDeleted
            ? try await accounts.deletedOrder(id, of: buyer)
            : try await orders.currentOrder(.id(id), in: buyer.storeID)?.document
        return document.flatMap { try? JSON(parsing: $0) }
    }

    private func forget(_ id: OrderID, of buyer: Buyer, at time: Timestamp) async throws {
        var generator = SystemRandomNumberGenerator()
        while let current = try await orders.currentOrder(.id(id), in: buyer.storeID) {
            let slug = NewOrder.secretSlug(using: &generator)
            let json = ForgottenOrder.order(try current.json, secretSlug: slug).touched(at: time)
            let change: OrderChange
            do { change = try OrderChange(id, .order(current), json, by: .privacy) } catch { throw StorageFailure.damaged }
            let outcome = try await orders.write([change], allOrNothing: true, at: time)[0]
            if outcome != .refused(.changedConcurrently) { return }
        }
    }

    private func forgetDeleted(_ id: OrderID, of buyer: Buyer) async throws {
        guard let order = try await order(id, isDeleted: true, of: buyer) else { return }
        var generator = SystemRandomNumberGenerator()
        let forgotten = ForgottenOrder.order(order, secretSlug: NewOrder.secretSlug(using: &generator))
        try await accounts.replaceDeletedOrder(id, of: buyer, with: forgotten.encoded)
    }
}
