package import Accounts
package import JSON
package import Orders

/// A merchant's customers.
package struct MerchantCustomers: Sendable {
    private let storage: any AccountStorage
    private let now: @Sendable () -> Timestamp

    package init(storage: any AccountStorage, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.storage = storage
        self.now = now
    }

    /// A page of customers in the order of their ids.
    /// - Parameter id: lists those with a higher id.
    /// - Throws: ``StorageFailure``.
    package func list(
        of storeID: StoreID, after id: CustomerID?, search: CustomerSearch?, size: Int
    ) async throws -> (customers: [JSON], next: CustomerID?) {
        let found = try await storage.customers(of: storeID, after: id, search: search, limit: size + 1)
        let page = found.prefix(size)
        return (try page.map { try Self.json($0.document) }, found.count > size ? page.last?.id : nil)
    }

    /// - Throws: ``Failure/customerNotFound``; ``StorageFailure``.
    package func customer(_ buyer: Buyer) async throws -> JSON {
        guard let profile = try await storage.profile(of: buyer, at: now()) else { throw Failure.customerNotFound }
        return try Self.json(profile.document)
    }

    /// Adds a customer who has no order yet.
    /// - Throws: ``Failure/emailTaken``; ``StorageFailure``.
    package func add(_ recipient: OrderRecipient, to storeID: StoreID) async throws -> JSON {
        let time = now()
        var generator = SystemRandomNumberGenerator()
        let json = recipient.newCustomer(at: time, using: &generator)
        let customer: MerchantCustomer
        do throws(Refusal) { customer = try MerchantCustomer(json) } catch {
            throw Failure.invalidContent([FieldError(error.field, error.reason)])
        }
        guard try await storage.add(customer, to: storeID, at: time) else { throw Failure.emailTaken }
        return try await self.customer(Buyer(storeID: storeID, customerID: customer.id))
    }

    /// Changes a customer. What they have proven stays theirs.
    /// - Throws: ``Failure/customerNotFound``, ``Failure/emailTaken``, ``Failure/emailProven``; ``StorageFailure``.
    package func change(_ fields: [(name: String, value: JSON)], of buyer: Buyer) async throws -> JSON {
        switch fields.isEmpty ? .changed : try await storage.changeByMerchant(fields, of: buyer, at: now()) {
        case .changed: return try await customer(buyer)
        case .unknownCustomer: throw Failure.customerNotFound
        case .taken: throw Failure.emailTaken
        case .proven: throw Failure.emailProven
        }
    }

    private static func json(_ document: [UInt8]) throws -> JSON {
        do { return try JSON(parsing: document) } catch { throw StorageFailure.damaged }
    }
}

extension Failure {
    /// The store has no such customer.
    package static let customerNotFound = Failure(.notFound, "customer_not_found", "Customer not found")

    /// The customer has signed in with their address.
    fileprivate static let emailProven = Failure(
        .conflict, "email_proven", "The customer has signed in with their e-mail address, and only they can change it")
}
