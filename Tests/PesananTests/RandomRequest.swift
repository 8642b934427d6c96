import Foundation
import JSON
import TestFixtures
import TestServer

/// Random requests to the routes that a server describes: odd in one place or in several, and sometimes right.
struct RandomRequests {
    struct Route {
        let method: String
        /// The path with its parameters in braces, as the description has it.
        let template: String
        let queryParameters: [String]
        /// The names of the body's fields; `nil` without a body.
        let fields: [String]?

        var isOfStore: Bool { template.contains("{store_id}") || isMerchants }
        var isMerchants: Bool { template.hasPrefix("/v3/orders") }
    }

    struct Request {
        let id: String
        let route: Route
        /// Whether the address is that of the route, so that the route's description is that of the answer.
        let isAtRoute: Bool
        let token: String?
        let bytes: [UInt8]
        let isHead: Bool
    }

    /// A customer whose requests they are.
    struct Person {
        let store: String
        let key: String
        let email: String
        let order: String
        /// What only this person may be told.
        let secrets: [String]
        /// Of the person's store.
        let businessKey: String
        var token: String
    }

    /// What random parts are made from, besides randomness.
    struct Material {
        var people: [Person]
        /// For bodies, where they are used up.
        var spareTokens: [String]
        /// Tokens that are valid no more.
        var pastTokens: [String]
    }

    private let routes: [Route]
    var material: Material
    var generator: SeededGenerator
    private var number = 0

    init(_ description: JSON, _ material: Material, seed: UInt64) {
        self.material = material
        generator = SeededGenerator(seed: seed)
        routes = Self.routes(of: description)
    }

    private static func routes(of description: JSON) -> [Route] {
        guard case .object(let paths)? = description["paths"] else { return [] }
        return paths.members.flatMap { path -> [Route] in
            guard case .object(let operations) = path.value else { return [] }
            return operations.members.compactMap { operation in
                // A stream has no end.
                let isStream = operation.value["responses"]?["200"]?["content"]?["text/event-stream"] != nil
                guard ["get", "post", "patch", "delete", "put"].contains(operation.name), !isStream else { return nil }
                var names: [String] = []
                if case .array(let parameters)? = operation.value["parameters"] {
                    names = parameters.filter { $0["in"] == "query" }.map { $0.text("name") }
                }
                var fields: [String]?
                if let schema = operation.value["requestBody"]?["content"]?["application/json"]?["schema"] {
                    let name = schema.text("$ref").split(separator: "/").last.map(String.init) ?? ""
                    let referred = description["components"]?["schemas"]?[name] ?? schema
                    fields = []
                    if case .object(let properties)? = referred["properties"] { fields = properties.members.map(\.name) }
                }
                return Route(
                    method: operation.name.uppercased(), template: path.name, queryParameters: names, fields: fields)
            }
        }
    }

    // MARK: - Requests

    /// Requests to send at once.
    mutating func batch() -> [Request] { (0..<Int.random(in: 1...4, using: &generator)).map { _ in request() } }

    /// A request that is HTTP, to which exactly one answer belongs.
    mutating func request() -> Request {
        number += 1
        let id = "r-\(number)"
        // What is the same for everybody is rarely asked for.
        let route = chance(0.05) ? pick(routes.filter { !$0.isOfStore }) : pick(routes.filter(\.isOfStore))
        let isHead = route.method == "GET" && chance(0.1)
        var isAtRoute = true
        let person = presenting(pick(material.people), at: route)
        let stranger = presenting(pick(material.people), at: route)
        var path = ""
        for part in route.template.split(separator: "/") {
            let given =
                switch part {
                case "{store_id}": chance(0.9) ? person.store : pick([stranger.store, oddPart()])
                case "{id}": chance(0.7) ? pick([person.order, "1", "2", "3"]) : pick([stranger.order, oddPart()])
                default: String(part)
                }
            if given.isEmpty { isAtRoute = false }
            path += "/" + given
        }
        if chance(0.05) {
            path = pick([path + "/", path + "/x", "/" + path, path.uppercased(), String(path.dropLast()), path + "%00"])
            isAtRoute = false
        }
        if chance(0.3) {
            let names = route.queryParameters + ["x"]
            let pairs = (0..<Int.random(in: 0...3, using: &generator)).map { _ in "\(pick(names))=\(oddPart())" }
            path += "?" + pairs.joined(separator: pick(["&", "&&", ";", "&"]))
        }
        var token: String?
        var fields: [(String, String)] = [("Host", "localhost"), ("X-Request-Id", id)]
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: fields.append(("Authorization", "Bearer " + mutated(person.token)))
        case 1: fields.append(("Authorization", pick(["Bearer", "", "Basic eDp5", "bearer  x \(person.token)", person.token])))
        case 2: fields.append(("Authorization", "Bearer " + pick(material.pastTokens)))
        case 3:
            token = stranger.token
            fields.append(("Authorization", "Bearer \(stranger.token)"))
        case 4: break
        default:
            token = person.token
            fields.append(("Authorization", "Bearer \(person.token)"))
        }
        if chance(0.9) {
            fields.append(
                ("X-Scalev-Storefront-Api-Key", chance(0.9) ? person.key : pick([stranger.key, mutated(person.key), oddField()])))
        }
        for name in [
            "Origin", "If-None-Match", "Accept", "Accept-Language", "X-Forwarded-For", "Content-Type", "Cookie", "Range",
        ]
        where chance(0.06) {
            fields.append((name, chance(0.3) ? pick(["*", "\"x\"", "https://shop.example", "application/json"]) : oddField()))
        }
        let body = route.fields.map { self.body($0) } ?? (chance(0.05) ? Array("{}".utf8) : nil)
        var bytes = "\(isHead ? "HEAD" : route.method) \(path) HTTP/1.1\r\n"
        for (name, value) in fields.shuffled(using: &generator) { bytes += "\(name): \(value)\r\n" }
        if let body, chance(0.2) {
            var chunks = "Transfer-Encoding: chunked\r\n\r\n"
            var sent = Array((bytes + chunks).utf8)
            var rest = body[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...max(1, rest.count), using: &generator))
                chunks = String(piece.count, radix: 16) + "\r\n"
                sent += Array(chunks.utf8) + piece + Array("\r\n".utf8)
                rest = rest.dropFirst(piece.count)
            }
            return Request(
                id: id, route: route, isAtRoute: isAtRoute, token: token, bytes: sent + Array("0\r\n\r\n".utf8), isHead: isHead)
        }
        if let body { bytes += "Content-Length: \(body.count)\r\n" }
        return Request(
            id: id, route: route, isAtRoute: isAtRoute, token: token, bytes: Array((bytes + "\r\n").utf8) + (body ?? []),
            isHead: isHead)
    }

    /// The person with the token that the route takes.
    private func presenting(_ person: Person, at route: Route) -> Person {
        guard route.isMerchants else { return person }
        var merchant = person
        merchant.token = person.businessKey
        return merchant
    }

    /// Bytes that were a request, or several, before some were changed, left out or added.
    mutating func brokenBytes() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) { bytes += request().bytes }
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let place = Int.random(in: 0..<max(1, bytes.count), using: &generator)
            let end = min(bytes.count, place + Int.random(in: 0...40, using: &generator))
            switch Int.random(in: 0..<7, using: &generator) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.removeSubrange(min(place, end)..<end)
            case 2: bytes.insert(contentsOf: (0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) }, at: place)
            case 3: bytes.insert(contentsOf: bytes[min(place, end)..<end], at: place)
            case 4:
                let line = pick([
                    "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n", "Content-Length: -1\r\n",
                    "Transfer-Encoding: gzip, chunked\r\n", "Expect: 100-continue\r\n", "Upgrade: h2c\r\nConnection: Upgrade\r\n",
                    "Connection: close\r\n", "Host: \u{0}\r\n", "X: \(String(repeating: "x", count: 20_000))\r\n", " folded\r\n",
                    "\r\n", "\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "ffffffffffffffff\r\n",
                ])
                if let start = bytes.dropFirst(place).firstIndex(of: UInt8(ascii: "\n")) {
                    bytes.insert(contentsOf: Array(line.utf8), at: start + 1)
                }
            case 5: bytes = Array(bytes.prefix(place))
            default: bytes = bytes.map { $0 == UInt8(ascii: "\r") && chance(0.05) ? UInt8(ascii: "\n") : $0 }
            }
        }
        return bytes
    }

    // MARK: - Parts
}
