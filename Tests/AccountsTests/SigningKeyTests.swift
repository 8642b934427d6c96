import Foundation
import JSON
import Orders
import Testing

@testable import Accounts

@Suite struct `Signing keys` {
    private let folder = FileManager.default.temporaryDirectory.appending(component: "pesanan-key-\(UUID().uuidString)")

    private func withFolder(_ body: (SigningKeyFolder) async throws -> Void) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(SigningKeyFolder(folder))
    }

    @Test func `are created once, kept private, and persist`() async throws {
        try await withFolder { keys in
            let first = try await keys.keyRing(orElse: SigningKey())
            #expect(try await keys.keyRing(orElse: SigningKey()).ids == first.ids)
            #expect(try await SigningKeyFolder(folder).keyRing(orElse: SigningKey()).ids == first.ids)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["signing-key.pem"])
            let file = folder.appending(component: "signing-key.pem")
            #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int == 0o600)

            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
            await #expect(throws: SigningKeyFolder.Failed.notPrivate(path: file.path)) {
                try await keys.keyRing(orElse: SigningKey())
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            try Data("-----BEGIN PRIVATE KEY-----".utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            await #expect(throws: SigningKeyFolder.Failed.notAKey(path: file.path)) {
                try await keys.keyRing(orElse: SigningKey())
            }
        }
    }

    @Test func `are created once by concurrent callers`() async throws {
        try await withFolder { keys in
            let ids = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<20 { group.addTask { try await keys.keyRing(orElse: SigningKey()).ids } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
        }
    }

    @Test func `rotate, and earlier ones verify until their tokens expire`() async throws {
        try await withFolder { keys in
            let first = try await keys.keyRing(orElse: SigningKey())
            #expect(!keys.mayHaveChanged())
            let start = Timestamp(seconds: 1_800_000_000)
            let second = try await keys.rotate(at: start, revoking: false)
            #expect(keys.mayHaveChanged())
            #expect(try await SigningKeyFolder(folder).keyRing(orElse: SigningKey()).ids == second.ids)
            #expect(second.ids.count == 2)
            #expect(second.ids.first == first.ids.first)
            // Every server has five seconds to learn of it.
            #expect(second.current(at: start.adding(seconds: 4)).id == first.ids[0])
            #expect(second.current(at: start.adding(seconds: 5)).id == second.ids[1])
            let third = try await keys.rotate(at: start.adding(seconds: 100), revoking: false)
            #expect(try await keys.keyRing(orElse: SigningKey()).ids == third.ids)
            #expect(third.ids == second.ids + [third.ids[2]])
            let later = start.adding(seconds: KeyRing.longestLifetime + 6)
            #expect(third.pruned(at: start.adding(seconds: KeyRing.longestLifetime + 4)).ids == third.ids)
            #expect(third.pruned(at: later).ids == Array(third.ids.dropFirst()))
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
            #expect(files.count == 3)
            for file in files {
                let path = folder.appending(component: file).path
                #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            }
            // Within a second, or concurrently: no rotation is lost.
            let hurried = start.adding(seconds: 150)
            for _ in 1...2 { _ = try await keys.rotate(at: hurried, revoking: false) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...6 { group.addTask { _ = try await keys.rotate(at: hurried, revoking: false) } }
                try await group.waitForAll()
            }
            let all = try await keys.keyRing(orElse: SigningKey())
            #expect(all.ids.count == 11)
            #expect(Array(all.ids.prefix(3)) == third.ids)
            #expect(Set(all.entries.map(\.usedFrom)).count == 11)
            let fourth = try await keys.rotate(at: start.adding(seconds: 200), revoking: true)
            #expect(fourth.ids.count == 1)
            #expect(!third.ids.contains(fourth.ids[0]))
            #expect(try await keys.keyRing(orElse: SigningKey()).ids == fourth.ids)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
            #expect(left == ["signing-key.pem"])
        }
    }

    @Test func `publish only their public keys, newest first`() throws {
        let ring = KeyRing(SigningKey()).rotated(to: SigningKey(), at: Timestamp(seconds: 100))
        guard case .array(let keys)? = try JSON(parsing: ring.publicKeySet)["keys"] else {
            Issue.record("no keys")
            return
        }
        #expect(keys.map { $0["kid"] } == ring.ids.reversed().map { .string($0) })
        for case .object(let members) in keys {
            #expect(members.members.map(\.name) == ["kty", "crv", "x", "y", "use", "alg", "kid"])
        }
    }
}
