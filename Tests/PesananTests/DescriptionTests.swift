import JSON
import TestFixtures
import TestServer
import Testing

@Suite struct `The description` {
    private func paths(_ document: JSON) -> [(name: String, value: JSON)] {
        if case .object(let paths)? = document["paths"] { paths.members } else { [] }
    }

    @Test func `lists the existing routes and methods, and no others`() async throws {
        let server = try await TestServer.shared()
        let document = try server.ask("/openapi.json").json
        #expect(paths(document).count >= 18)
        for (path, operations) in paths(document) {
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
                let answer = try server.ask(
                    path.replacing("{store_id}", with: "store_none").replacing("{id}", with: "7"), method: method)
                if operations[method.lowercased()] == nil {
                    #expect(answer.status == 405, "\(method) \(path)")
                } else {
                    #expect(answer.status != 405 && answer.errorCode != "not_found", "\(method) \(path)")
                    #expect(operations[method.lowercased()]?["responses"]?[String(answer.status)] != nil, "\(method) \(path)")
                }
            }
        }
    }

    /// They write nothing that could be written twice: sending again is what the last three are for.
    private static let writesNothing = ["getOrderPayment", "testWebhookEndpoint", "replayWebhookDelivery", "replayWebhooks"]

    @Test func `takes an Idempotency-Key wherever a merchant's system writes`() async throws {
        let document = try await TestServer.shared().ask("/openapi.json").json
        var count = 0
        for (path, operations) in paths(document) {
            guard case .object(let operations) = operations else { continue }
            for (method, operation) in operations.members where operation["security"] == [["businessKey": []]] {
                var names: [JSON?] = []
                if case .array(let parameters)? = operation["parameters"] { names = parameters.map { $0["name"] } }
                let takesKey = names.contains("Idempotency-Key")
                let writes = !["get", "head"].contains(method) && !Self.writesNothing.contains(operation.text("operationId"))
                #expect(takesKey == writes, "\(method) \(path)")
                #expect((operation["responses"]?["422"] != nil) == writes, "\(method) \(path)")
                count += takesKey ? 1 : 0
            }
        }
        #expect(count == 26)
    }

    @Test func `refers to nothing that it does not hold`() async throws {
        let document = try await TestServer.shared().ask("/openapi.json").json
        func references(_ value: JSON) -> [String] {
            switch value {
            case .array(let elements): elements.flatMap(references)
            case .object(let object):
                object.members.flatMap { name, value -> [String] in
                    if name == "$ref", case .string(let reference) = value { [reference] } else { references(value) }
                }
            default: []
            }
        }
        let all = Set(references(document))
        #expect(all.count > 20)
        for reference in all {
            let target = reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
            #expect(target != .null, "\(reference)")
        }
        var ids: [String] = []
        for (_, operations) in paths(document) {
            guard case .object(let operations) = operations else { continue }
            ids += operations.members.map { $0.value.text("operationId") }
        }
        #expect(Set(ids).count == ids.count)
        #expect(!ids.contains(""))
    }
}
