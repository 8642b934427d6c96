import Accounts
import HTTPServing
import JSON
import OrderServices
import Orders
import SQLiteStorage
import TestFixtures
import Testing

@testable import StorefrontAPI

@Suite struct `The description` {
    @Test func `lists the existing routes and methods, and no others`() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"))
        let tokens = try await AccessTokens(keys: KeyRing(SigningKey()))
        let accounts = storage.accounts
        var routes = Routes()
        StorefrontAPI(
            orders: BuyerOrders(storage: storage, publicURL: nil), customers: Customers(storage: accounts),
            signIn: SignIn(storage: accounts, tokens: tokens, hasher: PasswordHasher(), linkBase: { "" }), tokens: tokens,
            access: AccessWatch(storage: accounts, keys: SigningKeyFolder(folder.url), tokens: tokens), limits: .off,
            proxies: .none
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
