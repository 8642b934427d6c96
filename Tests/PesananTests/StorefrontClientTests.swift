import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A storefront of the Storefront API` {
    @Test(arguments: TestServer.Kind.allCases)
    func `works after its base URL was changed`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer(kind)
        let orders = Dictionary(grouping: try Fixture.orders()) { try? MerchantOrder($0).buyer }
        let sample = try #require(try SignInServer.samples().first { orders[$0.buyer]?.count ?? 0 > 1 })
        let storeID = sample.buyer.storeID
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "node", URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Clients/storefront.mjs").path,
            "http://127.0.0.1:\(server.server.port)", storeID.text, server.keys[storeID]!, SignInServer.origin, sample.email,
            server.server.folder.path("data/mail"),
        ]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let failure = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(failure)")
        #expect(words == "\(orders[sample.buyer]!.count) orders\n")
    }
}
