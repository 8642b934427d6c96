import Accounts
import Orders
import TestFixtures
import Testing

/// An upload of the first order.
private func announced(_ key: FileKey = UploadToken().key, of order: OrderID = ids[0], until end: Int64 = 900) -> ProofUpload {
    ProofUpload(
        key, of: order, in: Fixture.storeID, contentType: "image/png", filename: "bukti ☂.png", announcedSize: 300,
        announcedAt: now,
        expiresAt: now.adding(seconds: end))
}

extension AccountContract {
    static let proofs = [
        Clause("an upload is kept once, by one sender at a time, and a failed one may be tried again") { storage, accounts in
            try await storage.addStores()
            let upload = announced()
            let key = upload.key
            let (store, other) = (Fixture.storeID, Fixture.otherStoreID)
            #expect(try await accounts.announce(upload, limit: 2))
            #expect(try await accounts.upload(key, in: store, at: now) == upload)
            #expect(try await accounts.upload(key, in: other, at: now) == nil)
            #expect(try await accounts.upload(UploadToken().key, in: store, at: now) == nil)
            func claim(_ store: StoreID = store, at time: Timestamp = now) async throws -> Bool {
                try await accounts.claimUpload(key, in: store, until: time.adding(seconds: 60), at: time)
            }
            #expect(try await !claim(other))
            #expect(try await claim())
            #expect(try await !claim())
            try await accounts.releaseUpload(key, in: store)
            #expect(try await claim())
            // Whoever has claimed it may have died.
            #expect(try await !claim(at: now.adding(seconds: 59)))
            #expect(try await claim(at: now.adding(seconds: 61)))
            #expect(try await !accounts.useUpload(key, of: ids[0], in: store, at: now))
            let end = now.adding(seconds: 86_400)
            #expect(try await accounts.keepUpload(key, in: store, size: 250, until: end, at: now))
            #expect(try await !accounts.keepUpload(key, in: store, size: 251, until: end, at: now))
            #expect(try await !claim(at: now.adding(seconds: 600)))
            let kept = try #require(try await accounts.upload(key, in: store, at: now))
            #expect(kept.size == 250 && kept.expiresAt == end && kept.filename == "bukti ☂.png")
        },
        Clause("of many senders of one upload, one may keep it") { storage, accounts in
            try await storage.addStores()
            let upload = announced()
            #expect(try await accounts.announce(upload, limit: 9))
            let claims = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await accounts.claimUpload(upload.key, in: Fixture.storeID, until: now.adding(seconds: 60), at: now)
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(claims == 1)
        },
        Clause("an upload expires unless its own order has it, and is there no more from then on") { storage, accounts in
            try await storage.addStores()
            let (used, unused, unsent) = (announced(), announced(), announced(until: 100))
            let store = Fixture.storeID
            for upload in [used, unused, unsent] { #expect(try await accounts.announce(upload, limit: 3)) }
            #expect(try await !accounts.announce(announced(), limit: 3))
            #expect(try await accounts.announce(announced(of: ids[1]), limit: 3))
            let end = now.adding(seconds: 86_400)
            for upload in [used, unused] {
                #expect(try await accounts.keepUpload(upload.key, in: store, size: 9, until: end, at: now))
            }
            #expect(try await !accounts.useUpload(used.key, of: ids[1], in: store, at: now))
            #expect(try await !accounts.useUpload(used.key, of: ids[0], in: Fixture.otherStoreID, at: now))
            for _ in 0..<2 { #expect(try await accounts.useUpload(used.key, of: ids[0], in: store, at: now)) }
            #expect(try await accounts.upload(used.key, in: store, at: end)?.expiresAt == nil)
            #expect(try await accounts.upload(unused.key, in: store, at: end) == nil)
            #expect(try await !accounts.useUpload(unused.key, of: ids[0], in: store, at: end))
            let late = now.adding(seconds: 100)
            #expect(try await !accounts.claimUpload(unsent.key, in: store, until: end, at: late))
            #expect(try await !accounts.keepUpload(unsent.key, in: store, size: 9, until: end, at: late))
            #expect(try await accounts.expiredUploads(at: late, limit: 9).map(\.key) == [unsent.key])
            let expired = try await accounts.expiredUploads(at: end, limit: 9).map(\.key)
            #expect(expired.count == 3 && expired[0] == unsent.key && !expired.contains(used.key))
            try await accounts.removeUpload(unsent.key, in: store)
            #expect(try await accounts.expiredUploads(at: late, limit: 9).isEmpty)
            // Those that have expired don't count.
            #expect(try await accounts.announce(announced(), limit: 3))
        },
        Clause("the uploads of a customer who is forgotten expire at once") { storage, accounts in
            try await storage.addStores()
            try await storage.add(write(ids[0]), write(ids[1]))
            let (theirs, others) = (announced(), announced(of: ids[1]))
            let store = Fixture.storeID
            for upload in [theirs, others] {
                #expect(try await accounts.announce(upload, limit: 3))
                #expect(
                    try await accounts.keepUpload(upload.key, in: store, size: 9, until: now.adding(seconds: 99), at: now))
                #expect(try await accounts.useUpload(upload.key, of: upload.orderID, in: store, at: now))
            }
            try await accounts.forgetPassing([(ids[0], nil)], email: siti, in: store, at: now)
            #expect(try await accounts.upload(theirs.key, in: store, at: now) == nil)
            #expect(try await accounts.upload(others.key, in: store, at: now) != nil)
            let expired = try await accounts.expiredUploads(at: now, limit: 9)
            #expect(expired.map(\.key) == [theirs.key] && expired[0].filename == "")
        },
    ]
}
