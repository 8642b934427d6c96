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
        let tokens = try await AccessTokens(keys: installation.keyRing())
        let example = try await Example(installation, tokens, mail: settings.smtp == nil ? settings.dataFolder + "/mail" : nil)
        try await Server(settings, installation, tokens).run { baseURL in
            say(example.instructions(baseURL: baseURL))
        }
    }

    /// Takes in the sample stores and orders.
    static func fill(_ storage: any OrderStorage) async throws {
        let stores = ImportInput(elements: SampleShop.stores)
        _ = try await StoreImport(storage: storage, allOrNothing: true).run(stores, observer: SilentObserver())
        let orders = ImportInput(elements: SampleShop(now: .now).orders)
        _ = try await OrderImport(storage: storage, allOrNothing: true).run(orders, observer: SilentObserver())
    }

    private static func makeTemporaryFolder() throws -> String {
        var template = Array((NSTemporaryDirectory() + "pesanan-demo-XXXXXX").utf8CString)
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
    private let key: StorefrontKey
    /// The folder that mails are put into; `nil` where they are sent.
    private let mailFolder: String?
    /// A working day, so that the line on the terminal still works after lunch.
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
        _ = try await installation.accounts.add(key, to: storeID, at: .now)
        mailFolder = folder
    }

    func instructions(baseURL: String) -> String {
        let orders = "\(baseURL)/v3/stores/\(storeID)/customers/me/orders"
        let auth = "\(baseURL)/v3/stores/\(storeID)/public/auth"
        let mail =
            mailFolder.map {
                "the newest mail of \($0):\n  CODE=$(cat \($0)/*.eml | grep -oE '^ +[0-9]{6}' | tail -n 1 | tr -d ' '); echo $CODE"
            }
            ?? "the mail that is on its way:\n  CODE=..."
        return """

            Pesanan answers at \(baseURL) with \(SampleShop.orderCount) sample orders of \(SampleShop.stores.count) stores.

            Read about it:
              \(baseURL)/docs

            See the newest order of \(SampleShop.showcase.email):
              TOKEN=\(token)
              curl -H "Authorization: Bearer $TOKEN" \(orders)/\(orderID)

            See all of them:
              curl -H "Authorization: Bearer $TOKEN" \(orders)

            Sign in as \(SampleShop.showcase.email), with a code that is sent by mail:
              KEY=\(key.text)
              curl -H "X-Scalev-Storefront-Api-Key: $KEY" --json '{"email":"\(SampleShop.showcase.email)"}' \(auth)/otp/send
            The code is in \(mail)
              curl -H "X-Scalev-Storefront-Api-Key: $KEY" --json "{\"email\":\"\(SampleShop.showcase.email)\",\"otp\":\"$CODE\"}" \(auth)/otp/verify

            Ctrl-C ends the demo. Requests are logged below.

            """
    }
}
