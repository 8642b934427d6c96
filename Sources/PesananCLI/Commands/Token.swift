import Accounts
import ArgumentParser
import Orders

/// `pesanan token`
struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print an access token for a customer, and nothing else.")

    @Option(help: "The store's unique_id.")
    var store: String

    @Option(help: "The customer's e-mail address or id.")
    var customer: String

    @Option(help: "How long the token is valid, in seconds, from 1 to 2592000 (30 days).")
    var validFor: Int64 = 900

    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (1...2_592_000).contains(validFor) else { throw ValidationError("--valid-for must be from 1 to 2592000 seconds") }
    }

    func run() async throws {
        let installation = try await Installation(data.settings(), for: .existing)
        let storage = installation.storage
        guard let storeID = StoreID(store), try await storage.hasStore(storeID) else {
            throw OperatorError("there is no store \(store) in \(installation.place)")
        }
        let buyer = Buyer(storeID: storeID, customerID: try await customerID(in: storeID, storage))
        print(try await AccessTokens(key: installation.signingKey()).issue(for: buyer, validFor: validFor))
    }

    private func customerID(in storeID: StoreID, _ storage: any OrderStorage) async throws -> CustomerID {
        if let number = Int64(customer) {
            let id = CustomerID(number)
            guard try await storage.hasCustomer(Buyer(storeID: storeID, customerID: id)) else { throw unknown }
            return id
        }
        guard let email = EmailAddress(customer) else { throw OperatorError("--customer must be an e-mail address or an id") }
        let ids = try await storage.customers(of: storeID, with: email)
        guard let id = ids.first else { throw unknown }
        guard ids.count == 1 else {
            let list = ids.map(\.description).joined(separator: ", ")
            throw OperatorError("\(ids.count) customers of the store have this address: choose one by id: \(list)")
        }
        return id
    }

    private var unknown: OperatorError {
        OperatorError("the store has no such customer: a customer is there from their first order on")
    }
}
