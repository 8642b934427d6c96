import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A server that is sent anything` {
    /// 20,000 requests in all.
    @Test(arguments: [(TestServer.Kind.embedded, 8000, 4000), (.postgres, 6000, 2000)])
    func `stays up, answers as described, and tells nobody of others`(kind: TestServer.Kind, whole: Int, broken: Int) async throws
    {
        let server = try await SignInServer(kind, ["--limits", "off"])
        let samples = try SignInServer.samples()
        let past = try await AccessTokens(
            key: server.server.signingKey, now: { Timestamp(seconds: Timestamp.now.seconds - 1000) }
        ).issue(for: samples[0].buyer, validFor: 900)
        let spare = try await server.signIn(samples[2])
        let environment = try await server.environment
        let people = try samples.prefix(2).map { sample in
            let businessKey = try Pesanan.run(
                "business-key", "create", "--store", sample.buyer.storeID.text, "--data", server.server.folder.path("data"),
                environment: environment)
            return RandomRequests.Person(
                store: sample.buyer.storeID.text, key: try #require(server.keys[sample.buyer.storeID]), email: sample.email,
                order: sample.order.orderPath.split(separator: "/").last.map(String.init) ?? "",
                secrets: try Fixture.orders().filter { try MerchantOrder($0).buyer == sample.buyer }.map {
                    $0.text("secret_slug")
                },
                businessKey: businessKey.output.trimmingCharacters(in: .newlines), token: "")
        }
        let material = RandomRequests.Material(
            people: people, spareTokens: [spare.text("access"), spare.text("refresh")], pastTokens: [past])
        /// New tokens: one of the requests may have ended all sessions of a customer.
        func renewTokens(_ people: inout [RandomRequests.Person]) throws {
            for number in people.indices {
                let token = try Pesanan.run(
                    "token", "--store", people[number].store, "--customer", people[number].email, "--data",
                    server.server.folder.path("data"), environment: environment)
                people[number].token = token.output.trimmingCharacters(in: .newlines)
            }
        }
        let document = try server.server.ask("/openapi.json").json
        let description = Description(document)
        // Another one finds other things.
        let seed = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? 1
        var requests = RandomRequests(document, material, seed: seed)

        var done = 0
        while done < whole {
            try renewTokens(&requests.material.people)
            let connection = try RawConnection(port: server.server.port)
            for _ in 0..<60 {
                // Some at once, whose answers must come in their order.
                let batch = requests.batch()
                try connection.write(batch.flatMap(\.bytes))
                for request in batch {
                    let answer = try connection.answer(hasBody: !request.isHead)
                    let words = {
                        "\(String(decoding: request.bytes.prefix(600), as: UTF8.self))\n\(answer.status) \(answer.text.prefix(300))"
                    }
                    #expect(answer["x-request-id"] == request.id, "\(words())")
                    #expect(answer.status < 500, "\(words())")
                    if answer.status >= 400, !request.isHead {
                        #expect(answer.errorCode != nil && answer.json["message"] == answer.json["error"], "\(words())")
                    }
                    // A header that is too large is answered before there is a route.
                    if request.isAtRoute, !request.isHead, answer.status != 431 {
                        try? description.expect(answer, request.route.method.lowercased(), request.route.template)
                    }
                    for person in requests.material.people where request.token != person.token && !request.route.isMerchants {
                        #expect(!person.secrets.contains { answer.text.contains($0) }, "\(words())")
                    }
                    // What is only the merchant's, and so theirs to see.
                    if !request.route.isMerchants { #expect(!answer.text.contains("INTERNAL"), "\(words())") }
                    done += 1
                }
            }
        }

        for _ in 0..<broken {
            let connection = try RawConnection(port: server.server.port)
            let bytes = requests.brokenBytes()
            // The server may have closed the connection before it has everything.
            try? connection.write(bytes)
            connection.endWriting()
            let received = String(decoding: (try? connection.rest()) ?? [], as: UTF8.self)
            #expect(!received.contains("HTTP/1.1 5"), "\(String(decoding: bytes.prefix(2000), as: UTF8.self))\n\(received)")
        }

        try renewTokens(&requests.material.people)
        let token = requests.material.people[0].token
        // The order itself may have been deleted by its merchant.
        let orders = String(samples[0].order.orderPath.split(separator: "/").dropLast().joined(separator: "/"))
        #expect(try server.server.ask("/" + orders, token: token).status == 200)
        #expect(try server.server.ask("/health/ready").status == 200)
        #expect(server.server.stop() == 0)
        let log = try await server.server.log()
        #expect(log.split(separator: "\n").first { $0.contains(#""level":"error""#) } == nil)
        #expect(!people.contains { log.contains($0.email) } && !log.contains(token))
    }
}
