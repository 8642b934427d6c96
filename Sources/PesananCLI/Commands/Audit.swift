import Accounts
import ArgumentParser
import Orders

/// `pesanan audit`
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Print a customer's access history, newest first: the time, the event and the client's IP address.",
        discussion: examples(
            "pesanan audit --customer siti@example.com", "pesanan audit --store store_A --customer 200050 --limit 20"))

    @Option(help: "The store's unique_id. (default: every store that has such a customer)")
    var store: String?

    @Option(help: "The customer's e-mail address or id.")
    var customer: String

    @Option(help: "The maximum number of records.")
    var limit = 100

    @OptionGroup var data: DataOptions

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 100000") }
    }

    func run() async throws {
        let installation = try await Installation(data.settings(), for: .existing)
        let buyers = try await buyers(installation)
        var records: [AuditRecord] = []
        for (storeID, buyers) in Dictionary(grouping: buyers, by: \.storeID) {
            records += try await installation.accounts.auditRecords(of: buyers.map(\.customerID), in: storeID, limit: limit)
        }
        for record in records.sorted(by: { $0.at > $1.at }).prefix(limit) {
            let who = buyers.count > 1 ? "\(record.storeID) customer \(record.customerID?.description ?? "?")  " : ""
            print("\(record.at)  \(who)\(record.kind.rawValue)\(record.client.map { "  " + $0 } ?? "")")
        }
    }

    private func buyers(_ installation: Installation) async throws -> [Buyer] {
        if let store {
            let storeID = try await installation.storeID(store)
            return try await installation.customers(customer, of: storeID).map { Buyer(storeID: storeID, customerID: $0) }
        }
        guard let email = EmailAddress(customer) else {
            throw OperatorError("--customer must be an e-mail address unless --store is given")
        }
        let buyers = try await installation.accounts.customers(with: email)
        guard !buyers.isEmpty else { throw OperatorError("no store has such a customer") }
        return buyers
    }
}
