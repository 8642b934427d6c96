import Accounts
import ArgumentParser
import Foundation
import JSON
import OrderServices
import Orders

/// `pesanan demo`
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try it out: run a server with sample stores and orders in a new folder.",
        discussion: "Without --data, the demo uses a temporary folder and deletes it when it ends." + "\n\n"
            + examples("pesanan demo", "pesanan demo --port 8300 --data demo-data"))

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let temporary = options.data.data == nil ? try Self.makeTemporaryFolder() : nil
        defer { if let temporary { try? FileManager.default.removeItem(atPath: temporary) } }
        var options = options
        // Whoever tries webhooks has a receiver on this machine.
        options.webhookTargets = options.webhookTargets ?? WebhookTargets.any.rawValue
        let settings = try await options.settings(data: temporary)
        guard try temporary != nil || DataFolder(path: settings.dataFolder).isEmpty else {
            throw OperatorError("the demo needs an empty folder, but \(settings.dataFolder) is not empty")
        }
        let installation = try await Installation(settings, for: .demo)
        let storage = installation.storage
        guard try await storage.isEmpty() else {
            throw OperatorError("the demo needs an empty database, but this one already has stores")
        }
        try await storage.prepareAhead(of: .now)
        try await Self.fill(storage)
        let tokens = try await AccessTokens(keys: installation.keyRing())
        let example = try await Example(installation, tokens, mail: settings.smtp == nil ? settings.dataFolder + "/mail" : nil)
        try await Server(settings, installation, tokens).run { baseURL in
            say(example.instructions(baseURL: baseURL))
        }
    }

    /// Imports the sample stores and orders.
    static func fill(_ storage: any OrderStorage) async throws {
        let stores = ImportInput(elements: SampleShop.stores)
        _ = try await StoreImport(storage: storage, allOrNothing: true).run(stores, observer: SilentObserver())
        let orders = ImportInput(elements: SampleShop(now: .now).orders)
        _ = try await OrderImport(storage: storage, allOrNothing: true).run(orders, observer: SilentObserver())
    }

    private static func makeTemporaryFolder() throws -> String {
        var template = Array((NSTemporaryDirectory() + "pesanan-demo-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw OperatorError("can't create a temporary folder: \(String(cString: strerror(errno))); name a folder with --data")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

private struct SilentObserver: ImportObserver {
    func refused(_ refusal: Refusal, entry number: Int) {}
    func noted(_ unusable: Refusal, entry number: Int) {}
    func advanced(to report: ImportReport, bytesRead: Int) {}
}

/// The instructions that the demo prints.
private struct Example {
    private let storeID: StoreID
    private let orderID: OrderID
    private let token: String
    private let key: StorefrontKey
    private let businessKey: BusinessKey
    /// The folder that mails are written to; `nil` if they are sent.
    private let mailFolder: String?
    /// Half a day in seconds, so that the printed command still works after lunch.
    private static let tokenLifetime: Int64 = 12 * 3600

    init(_ installation: Installation, _ tokens: AccessTokens, mail folder: String?) async throws {
        let storage = installation.storage
        guard let storeID = StoreID(SampleShop.showcase.store), let email = EmailAddress(SampleShop.showcase.email),
            let customerID = try await storage.customers(of: storeID, with: email).first
        else { throw OperatorError("the sample customer is missing") }
        let buyer = Buyer(storeID: storeID, customerID: customerID)
        let outline = try await storage.outline(of: PageRequest(size: 1), for: buyer)
        guard let newest = outline.entries.first else { throw OperatorError("the sample customer has no order") }
        self.storeID = storeID
        orderID = newest.id
        token = try await tokens.issue(
            for: Grant(buyer: buyer, generation: 0, session: nil), validFor: Self.tokenLifetime)
        key = StorefrontKey()
        _ = try await installation.accounts.add(key, to: storeID, until: nil, at: .now)
        businessKey = BusinessKey(isRestricted: false)
        _ = try await installation.accounts.add(businessKey, with: nil, to: storeID, until: nil, limit: 10, at: .now)
        mailFolder = folder
    }

    /// The body that creates an order.
    private static func newOrder(_ storeID: StoreID) -> String {
        let line: JSON = ["product_name": "Kopi Gayo 250 g", "variant_price": 85000, "quantity": 2]
        let order: JSON = [
            "store_unique_id": .string(storeID.text), "order_id": "DEMO-1", "customer_name": "Siti Rahayu",
            "customer_email": .string(SampleShop.showcase.email), "shipping_cost": 12000, "orderlines": [line],
        ]
        return String(decoding: order.encoded, as: UTF8.self)
    }

    func instructions(baseURL: String) -> String {
        let orders = "\(baseURL)/v3/stores/\(storeID)/customers/me/orders"
        let auth = "\(baseURL)/v3/stores/\(storeID)/public/auth"
        let mail =
            mailFolder.map {
                "the newest mail in \($0):\n  sleep 1; CODE=$(cat \($0)/*.eml | grep -oE '^ +[0-9]{6}' | tail -n 1 | tr -d ' '); echo $CODE"
            }
            ?? "the mail that was just sent:\n  CODE=..."
        return """

            Pesanan is listening on \(baseURL) with \(SampleShop.orderCount) sample orders from \(SampleShop.stores.count) stores.

            Read the API documentation:
              \(baseURL)/docs

            Get the newest order of \(SampleShop.showcase.email):
              TOKEN=\(token)
              curl -H "Authorization: Bearer $TOKEN" \(orders)/\(orderID)

            List all of this customer's orders:
              curl -H "Authorization: Bearer $TOKEN" \(orders)

            Sign in as \(SampleShop.showcase.email) with a one-time code sent by mail:
              KEY=\(key.text)
              curl -H "X-Scalev-Storefront-Api-Key: $KEY" --json '{"email":"\(SampleShop.showcase.email)"}' \(auth)/otp/send
            The code is in \(mail)
              curl -H "X-Scalev-Storefront-Api-Key: $KEY" --json "{\\"email\\":\\"\(SampleShop.showcase.email)\\",\\"otp\\":\\"$CODE\\"}" \(auth)/otp/verify

            Create an order of this customer as the shop's own system, ship it, and look at it as the customer:
              SHOP=\(businessKey.text)
              curl -H "Authorization: Bearer $SHOP" --json '\(Self.newOrder(storeID))' \(baseURL)/v3/orders
              curl -H "Authorization: Bearer $SHOP" --json '{"ids":["DEMO-1"],"status":"shipped"}' \(baseURL)/v3/orders/change-status
              curl -H "Authorization: Bearer $TOKEN" '\(orders)?page_size=1'

            Press Ctrl-C to stop the demo. Requests are logged below.

            """
    }
}
