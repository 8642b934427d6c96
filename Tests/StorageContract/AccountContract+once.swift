import Accounts
import JSON
import Orders
import Synchronization
import TestFixtures
import Testing

extension AccountContract {
    static let once = [
        Clause("what a request writes and its answer are one transaction, which is done once") { orders, accounts in
            try await orders.addStores()
            try await orders.add(write(ids[0]))
            #expect(try await orders.order(.id(ids[0]), for: buyer) != nil)
            let requests = Requests(accounts)
            let key = RequestKey(storeID: Fixture.storeID, text: "k")
            struct Failed: Error {}
            await #expect(throws: Failed.self) {
                try await requests.send(key, at: 0) { accounts in
                    try await writeEverything(accounts, "Siti Salah")
                    throw Failed()
                }
            }
            #expect(try await seen(orders, accounts) == Seen(customer: "Siti", store: "Toko", addresses: 0, origins: 0))
            #expect(try await accounts.answer(to: key, at: now) == nil)

            let answers = try await withThrowingTaskGroup(of: RememberedAnswer.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await requests.send(key, at: 0) { try await writeEverything($0, "Siti R") } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(requests.count == 2 && answers.allSatisfy { $0 == answers[0] })
            let once = Seen(customer: "Siti R", store: "Siti R", addresses: 1, origins: 1)
            #expect(try await seen(orders, accounts) == once)
            #expect(try await accounts.answer(to: key, at: now) == answers[0])

            // Writes of orders take the same keys.
            let write = OrderWrite([], allOrNothing: true, answer: answers[0], at: now)
            #expect(try await orders.write(write) == .answeredBefore)
            // Each store has its own.
            let other = RequestKey(storeID: Fixture.otherStoreID, text: "k")
            #expect(try await requests.send(other, at: 0) { _ in }.key == other)
            #expect(try await requests.send(key, at: Requests.lifetime - 1) { _ in Issue.record() } == answers[0])
            #expect(try await seen(orders, accounts) == once)
            let anew = try await requests.send(key, at: Requests.lifetime) { try await writeEverything($0, "Siti Baru") }
            #expect(anew != answers[0])
            #expect(
                try await seen(orders, accounts) == Seen(customer: "Siti Baru", store: "Siti Baru", addresses: 2, origins: 1))
            #expect(try await accounts.answer(to: key, at: now.adding(seconds: Requests.lifetime)) == anew)
        },
        Clause("a request and a write of orders with one key at the same time are one of them") { orders, accounts in
            try await orders.addStores()
            let requests = Requests(accounts)
            for turn in 0..<10 {
                let key = RequestKey(storeID: Fixture.storeID, text: "k-\(turn)")
                let answer = RememberedAnswer(
                    key: key, digest: [2], status: 200, headers: [], body: [], expiresAt: now.adding(seconds: Requests.lifetime))
                async let request = requests.send(key, at: 0) { _ in }
                async let write = orders.write(OrderWrite([], allOrNothing: true, answer: answer, at: now))
                let (answered, written) = try await (request, write)
                #expect((written == .answeredBefore) == (answered.digest == [1]))
                #expect(try await accounts.answer(to: key, at: now) == answered)
            }
        },
    ]
}

/// Requests that are answered with their number.
private final class Requests: Sendable {
    static let lifetime: Int64 = 100

    private let accounts: any MerchantStorage
    private let number = Mutex(0)

    init(_ accounts: any MerchantStorage) { self.accounts = accounts }

    /// How many have been performed.
    var count: Int { number.withLock { $0 } }

    func send(
        _ key: RequestKey, at seconds: Int64, _ perform: @escaping @Sendable (any MerchantStorage) async throws -> Void
    ) async throws -> RememberedAnswer {
        let time = now.adding(seconds: seconds)
        return try await accounts.once(key, at: time) { [self] accounts in
            let number = number.withLock { number in
                number += 1
                return number
            }
            try await perform(accounts)
            return RememberedAnswer(
                key: key, digest: [1], status: 204, headers: [.init(name: "n", value: "\(number)")], body: [0, 255],
                expiresAt: time.adding(seconds: Self.lifetime))
        }
    }
}

private struct Seen: Equatable {
    let customer: JSON
    let store: JSON
    let addresses: Int
    let origins: Int
}

/// Writes something of each kind, and reads it in between.
@Sendable private func writeEverything(_ accounts: any MerchantStorage, _ name: String) async throws {
    #expect(try await accounts.changeByMerchant([("name", .string(name))], of: buyer, at: now) == .changed)
    let profile = try #require(try await accounts.profile(of: buyer, at: now))
    #expect(try JSON(parsing: profile.document)["name"] == .string(name))
    let outcome = try await accounts.changeStore(Fixture.storeID, at: now) { $0.replacing([("name", .string(name))]) }
    #expect(outcome == .replaced)
    let store = try #require(try await accounts.merchantStore(Fixture.storeID))
    #expect(try JSON(parsing: store)["name"] == .string(name))
    let id = try #require(try await accounts.addAddress(DeliveryAddress(), of: buyer, limit: 9, at: now))
    #expect(try await accounts.addresses(of: buyer).contains { $0.id == id })
    #expect(try await accounts.add(WebOrigin("https://a.example")!, to: Fixture.storeID, until: nil, at: now))
    #expect(try await accounts.origins(of: Fixture.storeID).count == 1)
}

/// What the buyer and the merchant see.
private func seen(_ orders: any OrderStorage, _ accounts: any MerchantStorage) async throws -> Seen {
    let order = try JSON(parsing: try #require(try await orders.order(.id(ids[0]), for: buyer)).json(publicURL: nil))
    return Seen(
        customer: order["customer"]?["name"] ?? .null, store: order["store"]?["name"] ?? .null,
        addresses: try await accounts.addresses(of: buyer).count,
        origins: try await accounts.origins(of: Fixture.storeID).count)
}
