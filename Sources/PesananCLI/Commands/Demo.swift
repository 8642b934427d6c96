import Accounts
import ArgumentParser
import Foundation
import OrderServices
import Orders

/// `pesanan demo`
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at it: a server with sample stores and orders in a fresh folder.",
        discussion: "Without --data the folder is a temporary one that goes away with the demo.")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let temporary = options.data.data == nil ? try Self.makeTemporaryFolder() : nil
        defer { if let temporary { try? FileManager.default.removeItem(atPath: temporary) } }
        let settings = try await options.settings(data: temporary)
        guard try temporary != nil || DataFolder(path: settings.dataFolder).isEmpty else {
            throw OperatorError("the demo wants a fresh folder, and \(settings.dataFolder) holds something already")
        }
        let installation = try await Installation(settings, for: .serving)
        let storage = installation.storage
        guard try await storage.isEmpty() else {
            throw OperatorError("the demo wants an empty database, and this one holds stores already")
        }
        try await storage.prepareAhead(of: .now)
        try await Self.fill(storage)
        let key = try await installation.signingKey()
        let tokens = try await AccessTokens(key: key)
        let example = try await Example(storage, tokens)
        let server = Server(settings: settings, storage: storage, signingKey: key)
        try await server.run(tokens: tokens) { baseURL in
            say(example.instructions(baseURL: baseURL))
        }
    }

    /// Takes in the sample stores and orders.
    static func fill(_ storage: any OrderStorage) async throws {
        var stores = ImportInput(elements: SampleShop.stores)
        _ = try await StoreImport(storage: storage, allOrNothing: true).run(&stores, observer: SilentObserver())
        var orders = ImportInput(elements: SampleShop(now: .now).orders)
        _ = try await OrderImport(storage: storage, allOrNothing: true).run(&orders, observer: SilentObserver())
    }

    private static func makeTemporaryFolder() throws -> String {
        var template = Array((NSTemporaryDirectory() + "/pesanan-demo-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw OperatorError("no temporary folder can be made: \(String(cString: strerror(errno))); name one with --data")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

private struct SilentObserver: ImportObserver {
    func refused(_ refusal: Refusal, entry number: Int) {}
    func advanced(to report: ImportReport, bytesRead: Int) {}
}

/// What the demo shows on the terminal.
private struct Example {
    private let storeID: StoreID
    private let orderID: OrderID
    private let token: String
    /// A working day, so that the line on the terminal still works after lunch.
    private static let tokenLifetime: Int64 = 12 * 3600

    init(_ storage: any OrderStorage, _ tokens: AccessTokens) async throws {
        guard let storeID = StoreID(SampleShop.showcase.store), let email = EmailAddress(SampleShop.showcase.email),
            let customerID = try await storage.customers(of: storeID, with: email).first
        else { throw OperatorError("the sample customer is missing") }
        let buyer = Buyer(storeID: storeID, customerID: customerID)
        let outline = try await storage.outline(of: PageRequest(size: 1), for: buyer)
        guard let newest = outline.entries.first else { throw OperatorError("the sample customer has no order") }
        self.storeID = storeID
        orderID = newest.id
        token = try await tokens.issue(for: buyer, validFor: Self.tokenLifetime)
    }

    func instructions(baseURL: String) -> String {
        let orders = "\(baseURL)/v3/stores/\(storeID)/customers/me/orders"
        return """

            Pesanan answers at \(baseURL) with \(SampleShop.orderCount) sample orders of \(SampleShop.stores.count) stores.

            Read about it:
              \(baseURL)/docs

            See the newest order of \(SampleShop.showcase.email):
              TOKEN=\(token)
              curl -H "Authorization: Bearer $TOKEN" \(orders)/\(orderID)

            See all of them:
              curl -H "Authorization: Bearer $TOKEN" \(orders)

            Ctrl-C ends the demo. Requests are logged below.

            """
    }
}
