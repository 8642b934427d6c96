import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

/// A store's page on which a buyer shows that they have paid.
struct ProofPage {
    let server: SignInServer
    let shop: MerchantShop
    let key: String
    private let storefrontKey: String

    init(_ kind: TestServer.Kind, _ options: [String] = []) async throws {
        shop = try await MerchantShop(kind, options)
        server = shop.server
        key = try await shop.newKey()
        storefrontKey = try #require(server.keys[shop.storeID])
    }

    static func picture(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: Fixture.file("pictures/\(name)")))
    }

    /// A new order of the customer putu@example.com.
    func order() throws -> JSON {
        let created = try shop.create(shop.newOrder(), key)
        #expect(created.status == 200, "\(created.text)")
        return created.json
    }

    /// Sends a request to a route of an order by its link, or below it.
    func ask(
        _ method: String, _ route: String, _ body: JSON? = nil, store: StoreID? = nil, key: String? = nil
    ) throws -> HTTPAnswer {
        let storeID = store ?? shop.storeID
        return try server.server.send(
            method, server.path(storeID, "public/orders/\(route)"), bytes: body?.encoded ?? [],
            [("X-Scalev-Storefront-Api-Key", key ?? server.keys[storeID] ?? ""), ("Origin", SignInServer.origin)])
    }

    func announcement(_ name: String, _ type: String, _ size: Int) -> JSON {
        ["filename": .string(name), "content_type": .string(type), "content_length": .number(String(size))]
    }

    func announce(_ file: [UInt8], _ type: String = "image/jpeg", for slug: String, as name: String = "bukti.jpg") throws -> JSON
    {
        let answer = try ask("POST", slug + "/transfer-proof-upload", announcement(name, type, file.count))
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json
    }

    /// The path of an address that the server has given.
    static func path(_ address: String) -> String { address.replacing(Fixture.publicURL, with: "") }

    /// Sends a file as a browser does.
    func put(_ file: [UInt8], _ announced: JSON, _ type: String = "image/jpeg") throws -> HTTPAnswer {
        try server.server.send(
            "PUT", Self.path(announced.text("upload_url")), bytes: file,
            [("Content-Type", type), ("Origin", SignInServer.origin)])
    }

    /// A picture that is kept and whose address the order has.
    func report(_ slug: String, _ name: String = "photo.jpg", _ type: String = "image/jpeg") throws -> JSON {
        let file = try Self.picture(name)
        let announced = try announce(file, type, for: slug)
        #expect(try put(file, announced, type).status == 200)
        let patched = try ask("PATCH", slug, ["transferproof_url": announced["file_url"] ?? .null])
        #expect(patched.status == 200, "\(patched.text)")
        return announced
    }

    /// Gets a file, which has no length in its header.
    func file(_ announced: JSON, _ fields: (String, String)..., method: String = "GET") throws -> (HTTPAnswer, [UInt8]) {
        let connection = try RawConnection(port: server.server.port)
        let path = Self.path(announced.text("file_url"))
        let lines = fields.map { "\($0.0): \($0.1)\r\n" }.joined()
        try connection.write("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(lines)\r\n".utf8)
        let answer = try connection.answer(hasBody: method == "GET")
        guard answer["transfer-encoding"] == "chunked", method == "GET" else { return (answer, answer.body) }
        var bytes: [UInt8] = []
        while case let chunk = try connection.chunk(), !chunk.isEmpty { bytes += chunk }
        return (answer, bytes)
    }

    func decide(_ order: JSON, _ body: JSON, _ fields: (String, String)..., key: String? = nil) throws -> HTTPAnswer {
        try server.server.send(
            "PATCH", "/v3/orders/\(order.text("id"))/transfer-proof", bytes: body.encoded, token: key ?? self.key, fields)
    }
}
