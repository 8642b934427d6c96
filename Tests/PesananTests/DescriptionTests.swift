import Accounts
import HTTPServing
import OrderServices
import Orders
import SQLiteStorage
import TestFixtures
import Testing

@testable import StorefrontAPI

@Suite struct `The description` {
    @Test func `names the addresses and methods that there are, and no others`() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"))
        let key = SigningKey()
        var routes = Routes()
        StorefrontAPI(
            orders: BuyerOrders(storage: storage, publicURL: nil), tokens: try await AccessTokens(key: key),
            publicKeys: key.publicKeySet
        ).add(to: &routes)
        Health(check: storage.check).add(to: &routes)
        guard case .object(let paths) = OpenAPI.document["paths"] else {
            Issue.record("no paths")
            return
        }
        let described = paths.members.map { path, operations in
            let methods =
                if case .object(let methods) = operations { methods.members.map { $0.name.uppercased() } } else { [String]() }
            return "\(path) \(methods)"
        }
        #expect(described.sorted() == routes.all.map { "\($0.template) \($0.methods)" }.sorted())
    }
}
