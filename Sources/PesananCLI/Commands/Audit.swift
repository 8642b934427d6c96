import Accounts
import ArgumentParser
import Orders

/// `pesanan audit`
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Print what was recorded of a customer's access, newest first: when, what, and from which address of the network.")

    @Option(help: "The store's unique_id.")
    var store: String

    @Option(help: "The customer's e-mail address or id.")
    var customer: String

    @Option(help: "How many records, at the most.")
    var limit = 100

    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 100000") }
    }

    func run() async throws {
        let installation = try await Installation(data.settings(), for: .existing)
        let storeID = try await installation.storeID(store)
        let ids = try await installation.customers(customer, of: storeID)
        for record in try await installation.accounts.auditRecords(of: ids, in: storeID, limit: limit) {
            let who = ids.count > 1 ? "customer \(record.customerID?.description ?? "?")  " : ""
            print("\(record.at)  \(who)\(record.kind.rawValue)\(record.client.map { "  " + $0 } ?? "")")
        }
    }
}
