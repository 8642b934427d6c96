import Foundation
import JSON
import TestFixtures
import TestServer
import Testing

/// Every route of ours, held against the public specification of the Storefront API v3 (`storefront-api-v3.json`): paths, methods,
/// fields taken, statuses, fields answered. Other tests hold the answers against our own description.
@Suite struct `The Storefront API` {
    private typealias Members = [(name: String, value: JSON)]

    /// Statuses that any route may answer, and that the specification leaves to its general part.
    private static let general: [Int: String] = [
        304: "conditional requests are ours", 400: "the request itself can't be read", 413: "the body is too large",
        409: "a move that is not allowed", 412: "conditions are ours", 422: "keys of repeated requests are ours",
        429: "too many requests", 503: "the database can't answer",
    ]

    /// Routes of ours that it does not have.
    private static let webhooks = "where a merchant's events go"
    private static let additions: [String: String] = [
        "post /v3/stores/{}/public/auth/login": "only its documentation has it",
        "post /v3/stores/{}/webhooks/scalev": "what the other side sends here",
        "get /v3/stores/{}": "a merchant's store", "patch /v3/stores/{}": "a merchant's store",
        "get /v3/orders/{}/events": "what happened to an order", "get /v3/customers/{}/addresses": "as a customer has them",
        "post /v3/customers/{}/addresses": "as a customer has them",
        "patch /v3/customers/{}/addresses/{}": "as a customer has them",
        "delete /v3/customers/{}/addresses/{}": "as a customer has them",
        "get /v3/stores/{}/customers/me/orders/events": "listening",
        "get /v3/stores/{}/customers/me/orders/{}/events": "listening",
        "get /v3/stores/{}/public/orders/{}/events": "listening",
        "get /v3/stores/{}/customers/me/orders/{}/payment": "how to pay",
        "get /v3/stores/{}/customers/me/orders/{}/tracking": "where the parcel is",
        "post /v3/stores/{}/customers/me/orders/{}/link": "the secret link", "get /v3/orders/{}/link": "the secret link",
        "post /v3/orders/{}/link": "the secret link", "get /v3/webhook-endpoints": webhooks,
        "post /v3/webhook-endpoints": webhooks, "get /v3/webhook-endpoints/{}": webhooks,
        "patch /v3/webhook-endpoints/{}": webhooks,
        "delete /v3/webhook-endpoints/{}": webhooks, "post /v3/webhook-endpoints/{}/rotate-secret": webhooks,
        "post /v3/webhook-endpoints/{}/test": webhooks, "get /v3/webhook-deliveries": webhooks,
        "get /v3/webhook-deliveries/{}": webhooks, "post /v3/webhook-deliveries/{}/replay": webhooks,
        "post /v3/webhook-deliveries/replay": webhooks, "get /v3/webhook-events": webhooks,
        "post /v3/stores/{}/public/orders/{}/transfer-proof-upload": "only its documentation has it",
        "put /v3/stores/{}/public/uploads/{}": "what upload_url is", "get /v3/stores/{}/public/files/{}": "what file_url is",
        "get /v3/stores/{}/public/orders/{}/transfer-proof": "what became of a proof of transfer",
        "get /v3/stores/{}/customers/me/orders/{}/transfer-proof": "what became of a proof of transfer",
        "get /v3/orders/{}/transfer-proof": "a proof of transfer", "patch /v3/orders/{}/transfer-proof": "a proof of transfer",
    ]

    /// Fields that are refused with words.
    private static let refused: [String: String] = [
        "ordervariants?": "there is no catalogue", "orderbundles?": "there is no catalogue",
    ]

    private let ours: Members
    private let document: JSON
    private let theirs: JSON
    private let schemas: JSON

    init() async throws {
        document = try await TestServer.shared().ask("/openapi.json").json
        ours = Self.members(document["paths"]).filter { $0.name.hasPrefix("/v3/") }.flatMap { path, operations in
            Self.members(operations).filter { $0.name != "head" }.map { ("\($0.name) \(Self.unnamed(path))", $0.value) }
        }
        let specification = try JSON(parsing: [UInt8](Data(contentsOf: Fixture.file("storefront-api-v3.json"))))
        theirs = specification["routes"] ?? .null
        schemas = specification["schemas"] ?? .null
    }

    private static func members(_ value: JSON?) -> Members { if case .object(let object)? = value { object.members } else { [] } }

    /// A path without the names of its parameters, which clients never see.
    private static func unnamed(_ path: String) -> String { path.replacing(/\{[^}]*\}/, with: "{}") }

    private var specified: [String: JSON] {
        Dictionary(
            uniqueKeysWithValues: Self.members(theirs).map { route, operation in
                let parts = route.split(separator: " ")
                return ("\(parts[0].lowercased()) \(Self.unnamed(String(parts[1])))", operation)
            })
    }

    @Test func `has the routes that the specification has around an order`() {
        let names = Set(ours.map(\.name))
        for (route, _) in specified { #expect(names.contains(route), "\(route)") }
        for name in names where specified[name] == nil { #expect(Self.additions[name] != nil, "\(name)") }
    }

    @Test func `takes the specified fields, and requires no others`() {
        for (name, operation) in ours {
            guard case .string(let reference)? = specified[name]?["request"] else { continue }
            let fields = Self.members(schemas[String(reference.dropFirst())])
            // One of several forms, or any object.
            if fields.isEmpty || fields[0].name == "anyOf" { continue }
            let body = schema(operation["requestBody"]?["content"]?["application/json"]?["schema"])
            let taken = Set(Self.members(body["properties"]).map(\.name))
            for field in fields where field.name != "(no other)" && Self.refused[field.name] == nil {
                #expect(taken.contains(field.name.replacing("?", with: "")), "\(name): \(field.name)")
            }
            guard case .array(let required)? = body["required"] else { continue }
            for case .string(let field) in required { #expect(fields.contains { $0.name == field }, "\(name) requires \(field)") }
        }
    }

    @Test func `answers with the specified statuses`() {
        for (name, operation) in ours {
            guard let specified = specified[name] else { continue }
            let allowed = Set(Self.members(specified["responses"]).compactMap { Int($0.name) })
            let answered = Set(Self.members(operation["responses"]).compactMap { Int($0.name) })
            for status in answered.subtracting(allowed) where Self.general[status] == nil {
                // An unknown store and a wrong key are the same 404, as its documentation says of all public routes. A token may come along with
                // an order's link.
                #expect(
                    status == 404 && name.contains("/public/") || status == 401 && name.contains("/public/orders/"),
                    "\(name): \(status)")
            }
            #expect(answered.contains { (200...204).contains($0) && allowed.contains($0) }, "\(name)")
        }
    }

    @Test func `answers with the specified fields`() {
        for (name, operation) in ours {
            for (status, response) in Self.members(operation["responses"]) {
                guard case .string(let reference)? = specified[name]?["responses"]?[status] else { continue }
                let description = response["$ref"].map { _ in JSON.null } ?? response
                let content = description["content"]?["application/json"]?["schema"]
                compare(schema(content), with: schemas[String(reference.dropFirst())] ?? .null, "\(name) \(status)")
            }
        }
        let error = Set(Self.members(document["components"]?["schemas"]?["Error"]?["properties"]).map(\.name))
        #expect(error == ["error", "error_code", "message", "errors"])
    }

    /// Compares the fields of an object, and those of the objects in it.
    private func compare(_ answer: JSON, with specified: JSON, _ place: String) {
        let fields = Self.members(specified)
        let isClosed = fields.contains { $0.name == "(no other)" }
        // A merchant's own order has whatever they have sent.
        guard !fields.isEmpty, answer["properties"] != nil, answer["additionalProperties"] == false else { return }
        let answered = Self.members(answer["properties"])
        for field in fields where field.name != "(no other)" {
            let name = field.name.replacing("?", with: "")
            guard let ours = answered.first(where: { $0.name == name }) else {
                Issue.record("\(place) lacks \(name)")
                continue
            }
            compare(schema(ours.value), with: field.value, "\(place).\(name)")
        }
        guard isClosed else { return }
        for field in answered {
            #expect(fields.contains { $0.name.replacing("?", with: "") == field.name }, "\(place) has \(field.name)")
        }
    }

    private func schema(_ value: JSON?) -> JSON {
        guard case .string(let reference)? = value?["$ref"] else { return value ?? .null }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }
}
