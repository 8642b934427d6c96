import Accounts
import Orders
import TestFixtures
import Testing

extension AccountContract {
    private static func endpoint(_ number: UInt64, in storeID: StoreID = Fixture.storeID) -> WebhookEndpoint {
        WebhookEndpoint(
            id: UUIDBytes(high: number, low: 1), storeID: storeID, url: "https://shop.example/\(number)",
            events: number == 1 ? nil : [.created, .statusChanged], noticeEmail: EmailAddress("ops@example.com"),
            secret: WebhookSecret(), createdAt: now.adding(seconds: Int64(number)), updatedAt: now)
    }

    private static let server = UUIDBytes(high: 7, low: 7)
    private static let otherServer = UUIDBytes(high: 8, low: 8)

    static let webhooks = [
        Clause("an endpoint is kept as it was added, begins with what is new, and is its store's alone") { storage, accounts in
            try await storage.addStores()
            try await storage.add(write(ids[0]), write(ids[1]))
            let (first, second, other) = (endpoint(1), endpoint(2), endpoint(3, in: Fixture.otherStoreID))
            for endpoint in [second, first, other] { #expect(try await accounts.add(endpoint, limit: 2)) }
            #expect(try await !accounts.add(endpoint(4), limit: 2))
            var expected = [first, second]
            for index in expected.indices { expected[index].position = 2 }
            #expect(try await accounts.webhookEndpoints(of: Fixture.storeID) == expected)
            #expect(try await Set(accounts.activeWebhookEndpoints()) == Set(expected + [other]))
            #expect(try await !accounts.removeWebhookEndpoint(first.id, of: Fixture.otherStoreID))
            let stolen = try await accounts.changeWebhookEndpoint(first.id, of: Fixture.otherStoreID, at: now) { $0.url = "x" }
            #expect(stolen == nil)
            #expect(try await accounts.removeWebhookEndpoint(first.id, of: Fixture.storeID))
            #expect(try await accounts.webhookEndpoints(of: Fixture.storeID).map(\.id) == [second.id])
        },
        Clause("an endpoint changes, stops with what waits for it, and goes on with what is new") { storage, accounts in
            try await storage.addStores()
            let first = endpoint(1)
            _ = try await accounts.add(first, limit: 9)
            try await storage.add(write(ids[0]))
            let event = try #require(try await storage.events(of: ids[0], in: Fixture.storeID, after: 0, limit: 1).first)
            let delivery = WebhookDelivery(event, to: first.id, at: now)
            #expect(try await accounts.add(delivery))
            let secret = WebhookSecret()
            let changed = try await accounts.changeWebhookEndpoint(first.id, of: Fixture.storeID, at: now) {
                ($0.url, $0.events, $0.noticeEmail) = ("https://other.example", [.deleted], nil)
                ($0.previousSecret, $0.previousSecretEndsAt) = ($0.secret, now.adding(seconds: 60))
                $0.secret = secret
            }
            #expect(changed?.url == "https://other.example" && changed?.secret == secret)
            #expect(try await accounts.webhookEndpoints(of: Fixture.storeID) == [changed])
            #expect(
                changed?.secrets(at: now) == [secret, first.secret] && changed?.secrets(at: now.adding(seconds: 60)) == [secret])
            #expect(changed?.lastPlace == 1 && changed?.position == 0)

            let stopped = try await accounts.changeWebhookEndpoint(first.id, of: Fixture.storeID, at: now) { $0.stop = .paused }
            #expect(stopped?.stop == .paused)
            #expect(try await accounts.activeWebhookEndpoints().isEmpty)
            #expect(try await accounts.webhookDelivery(delivery.id, of: Fixture.storeID)?.status == .failed)
            #expect(try await !accounts.replay(.init(after: 0, upTo: 1), to: first.id, of: Fixture.storeID))
            #expect(try await !accounts.add(WebhookDelivery(event, to: first.id, at: now)))
            let again = try await accounts.changeWebhookEndpoint(first.id, of: Fixture.storeID, at: now) { $0.stop = nil }
            #expect(again?.stop == nil)
            #expect(try await accounts.activeWebhookEndpoints().map(\.position) == [1])
        },
        Clause("one server holds an endpoint, and another takes it only from the hold that it has seen") { storage, accounts in
            try await storage.addStores()
            let first = endpoint(1)
            _ = try await accounts.add(first, limit: 9)
            func hold(_ hold: WebhookEndpoint.Hold?, by server: UUIDBytes) async throws -> Bool {
                try await accounts.holdWebhookEndpoint(first.id, of: Fixture.storeID, after: hold, by: server)
            }
            #expect(try await hold(nil, by: server))
            #expect(try await !hold(nil, by: otherServer))
            let seen = try #require(try await accounts.activeWebhookEndpoints().first?.hold)
            #expect(seen == .init(holder: server, beat: 1))
            #expect(try await accounts.beatWebhookEndpoints(of: server) == [first.id])
            #expect(try await accounts.beatWebhookEndpoints(of: otherServer).isEmpty)
            #expect(try await !hold(seen, by: otherServer))
            let newer = try #require(try await accounts.activeWebhookEndpoints().first?.hold)
            #expect(try await hold(newer, by: otherServer))
            #expect(try await accounts.beatWebhookEndpoints(of: server).isEmpty)
            try await accounts.releaseWebhookEndpoints(of: server)
            #expect(try await accounts.activeWebhookEndpoints().first?.hold?.holder == otherServer)
            try await accounts.releaseWebhookEndpoints(of: otherServer)
            #expect(try await hold(nil, by: server))
        },
        Clause("deliveries are queued with their place by whoever holds the endpoint, once, and recorded") { storage, accounts in
            try await storage.addStores()
            _ = try await accounts.add(endpoint(1), limit: 9)
            for update in 1...3 { try await storage.add(write(ids[0], updated: "2026-04-0\(update)T00:00:00Z")) }
            let events = try await storage.events(of: Fixture.storeID, after: 0, limit: 100)
            _ = try await accounts.holdWebhookEndpoint(endpoint(1).id, of: Fixture.storeID, after: nil, by: server)
            let held = try #require(try await accounts.activeWebhookEndpoints().first)
            let queued = events.map { WebhookDelivery($0, to: held.id, at: now) }
            func pending(after place: Int64 = 0, limit: Int = 9) async throws -> [WebhookDelivery] {
                try await accounts.pendingWebhookDeliveries(to: held, after: place, limit: limit)
            }
            #expect(try await accounts.queue(queued, to: held, upTo: 3, replay: nil, by: otherServer) == nil)
            #expect(try await pending().isEmpty)
            #expect(try await accounts.queue(queued, to: held, upTo: 3, replay: nil, by: server) == 3)
            #expect(try await accounts.activeWebhookEndpoints().first?.position == 3)
            let new = try await pending()
            #expect(new.map(\.id) == queued.map(\.id) && new.map(\.place) == [1, 2, 3])
            #expect(try await pending(after: 1, limit: 1) == [new[1]])
            // A replay that has begun meanwhile stays.
            #expect(try await accounts.replay(.init(after: 0, upTo: 2), to: held.id, of: Fixture.storeID))
            #expect(try await accounts.queue([], to: held, upTo: 3, replay: nil, by: server) == nil)
            let replaying = try #require(try await accounts.activeWebhookEndpoints().first)
            #expect(replaying.replay == .init(after: 0, upTo: 2))
            let replayed = try await accounts.queue([], to: replaying, upTo: 3, replay: .init(after: 1, upTo: 2), by: server)
            #expect(replayed == 3)
            #expect(try await accounts.activeWebhookEndpoints().first?.replay == .init(after: 1, upTo: 2))

            var sent = new
            sent[0].status = .delivered
            (sent[0].attempts, sent[1].attempts) = (1, 4)
            sent[0].last = .init(at: now, duration: 12, answerStatus: 204, answer: "ok", failure: nil)
            sent[1].last = .init(at: now, duration: 9000, answerStatus: nil, answer: nil, failure: "no answer")
            sent[1].dueAt = now.adding(seconds: 600)
            try await accounts.record([sent[1], sent[0]])
            #expect(try await accounts.webhookDelivery(sent[0].id, of: Fixture.storeID) == sent[0])
            #expect(try await accounts.webhookDelivery(sent[0].id, of: Fixture.otherStoreID) == nil)
            #expect(try await pending() == Array(sent.dropFirst()))
            // What is recorded late changes nothing.
            sent[0].status = .failed
            try await accounts.record([sent[0]])
            #expect(try await accounts.webhookDelivery(sent[0].id, of: Fixture.storeID)?.status == .delivered)
        },
        Clause("deliveries are listed newest first, by endpoint, status and time, page after page, and removed when they are old")
        {
            storage, accounts in
            try await storage.addStores()
            try await storage.add(write(ids[0]))
            let event = try #require(try await storage.events(of: ids[0], in: Fixture.storeID, after: 0, limit: 1).first)
            for number in 1...2 as ClosedRange<UInt64> { _ = try await accounts.add(endpoint(number), limit: 9) }
            var all: [WebhookDelivery] = []
            for number in 0..<12 {
                var delivery = WebhookDelivery(
                    event, to: endpoint(number.isMultiple(of: 2) ? 1 : 2).id, at: now.adding(seconds: Int64(number)))
                delivery.status = [.pending, .delivered, .failed][number % 3]
                #expect(try await accounts.add(delivery))
                all.insert(try #require(try await accounts.webhookDelivery(delivery.id, of: Fixture.storeID)), at: 0)
            }
            func list(_ filter: WebhookDeliveryFilter = .init(), before id: UUIDBytes? = nil) async throws -> [WebhookDelivery] {
                try await accounts.webhookDeliveries(of: Fixture.storeID, where: filter, before: id, limit: 5)
            }
            #expect(try await list() == Array(all[..<5]))
            #expect(try await list(before: all[4].id) == Array(all[5..<10]))
            for status in WebhookDelivery.Status.allCases {
                #expect(try await list(.init(status: status)) == all.filter { $0.status == status })
            }
            let second = WebhookDeliveryFilter(
                endpointID: endpoint(2).id, status: .failed, since: now.adding(seconds: 3), until: now.adding(seconds: 11))
            #expect(try await list(second) == [all[6]])
            #expect(
                try await accounts.webhookDeliveries(of: Fixture.otherStoreID, where: .init(), before: nil, limit: 5).isEmpty)

            try await accounts.removeWebhookDeliveries(before: now.adding(seconds: 9))
            #expect(try await list(.init(status: .delivered)) == [all[1]])
            #expect(try await list(.init(status: .pending)).count == 4)
        },
        Clause("an endpoint that is down is stopped once, and somebody is told") { storage, accounts in
            try await storage.addStores()
            let first = endpoint(1)
            _ = try await accounts.add(first, limit: 9)
            try await accounts.setFailing(since: now, first.id, of: Fixture.storeID)
            #expect(try await accounts.activeWebhookEndpoints().first?.failingSince == now)
            #expect(try await accounts.stopWebhookEndpoint(first.id, of: Fixture.storeID, because: .failing, at: now))
            #expect(try await !accounts.stopWebhookEndpoint(first.id, of: Fixture.storeID, because: .failing, at: now))
            #expect(try await accounts.unannouncedWebhookStops().map(\.id) == [first.id])
            #expect(try await accounts.setAnnounced(true, first.id, of: Fixture.storeID))
            #expect(try await !accounts.setAnnounced(true, first.id, of: Fixture.storeID))
            #expect(try await accounts.unannouncedWebhookStops().isEmpty)
            #expect(try await accounts.webhookEndpoints(of: Fixture.storeID).first?.stop == .failing)
            let again = try await accounts.changeWebhookEndpoint(first.id, of: Fixture.storeID, at: now) { $0.stop = nil }
            #expect(again?.failingSince == nil)
            #expect(try await accounts.activeWebhookEndpoints().map(\.failingSince) == [nil])
        },
        Clause("events are found by their orders and numbers, and places by times") { storage, _ in
            try await storage.addStores()
            for (index, id) in ids.prefix(3).enumerated() {
                _ = try await storage.write(
                    [write(id)], allOrNothing: true, at: now.adding(seconds: Int64(index * 60)))
            }
            let all = try await storage.events(of: Fixture.storeID, after: 0, limit: 9)
            let found = try await storage.events([(ids[2], 1), (ids[0], 2), (ids[0], 1)], in: Fixture.storeID)
            #expect(found == [all[2], nil, all[0]])
            #expect(try await storage.events([(ids[0], 1)], in: Fixture.otherStoreID) == [nil])
            for (seconds, position) in [(-1, 0), (0, 0), (1, 1), (60, 1), (61, 2), (120, 2), (1_000_000, 3)] {
                let time = now.adding(seconds: Int64(seconds))
                #expect(try await storage.position(of: Fixture.storeID, before: time) == position, "\(seconds)")
            }
            #expect(try await storage.position(of: Fixture.otherStoreID, before: now) == 0)
        },
    ]
}
