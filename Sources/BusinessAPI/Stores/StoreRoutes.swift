import Accounts
import HTTPServing
import Hummingbird
import JSON
import OrderServices
import Orders

/// The store that a key belongs to, and who has access to it from browsers.
struct StoreRoutes: Sendable {
    let stores: MerchantStores
    let access: BusinessAccess

    func add(to routes: inout Routes) {
        routes.add(Self.get, access.key(with: .readStore), get)
        routes.add(Self.update, access.key(with: .updateStore), update)
        routes.add(Self.listKeys, access.key(with: .readStore)) { try await list($0, $1, stores.keys, Self.key) }
        routes.add(Self.addKey, access.key(with: .updateStore), addKey)
        routes.add(Self.revokeKey, access.key(with: .updateStore)) { try await revoke($0, $1, stores.keys, stores.revokeKey) }
        routes.add(Self.listOrigins, access.key(with: .readStore)) { try await list($0, $1, stores.origins, Self.origin) }
        routes.add(Self.addOrigin, access.key(with: .updateStore), addOrigin)
        routes.add(Self.revokeOrigin, access.key(with: .updateStore)) {
            try await revoke($0, $1, stores.origins, stores.revokeOrigin)
        }
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private func get(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        Response(uncached: try await store(key, call))
    }

    private func update(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        _ = try await store(key, call)
        var reader = BodyReader(try await call.jsonObject())
        var fields = reader.fields(Self.fields)
        if reader.isThere("name"), !reader.isGiven("name") || reader["name"] == "" { reader.refuse("name", "is required") }
        for (name, range) in Self.ranges {
            if let number = reader.integer(name), !range.contains(number) {
                reader.refuse(name, "is not from \(range.lowerBound) to \(range.upperBound)")
            }
        }
        if reader.isThere("payment_accounts") { fields.append(("payment_accounts", .array(reader.paymentAccounts()))) }
        reader.refuseOthers(than: Self.fields.map(\.name) + ["payment_accounts"])
        try reader.finish()
        return Response(uncached: try await stores.change(fields, of: key.storeID))
    }

    private func list(
        _ key: BusinessGrant, _ call: Call, _ entries: (StoreID) async throws -> [StorefrontAccessEntry],
        _ json: (StorefrontAccessEntry, JSON) -> JSON
    ) async throws -> Response {
        let store = try await store(key, call)
        let found = try await entries(key.storeID)
        return Response(uncached: ["data": .array(found.map { json($0, store) }), "is_paginated": false])
    }

    private func addKey(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let store = try await store(key, call)
        return Response(uncached: Self.key(try await stores.addKey(to: key.storeID), store))
    }

    private func addOrigin(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let store = try await store(key, call)
        var reader = BodyReader(try await call.jsonObject())
        let origin = reader.value("origin", otherwise: "is no origin such as https://shop.example") { WebOrigin($0) }
        reader.refuseOthers(than: ["origin"])
        return Response(uncached: Self.origin(try await stores.add(try reader.finish(origin), to: key.storeID), store))
    }

    private func revoke(
        _ key: BusinessGrant, _ call: Call, _ entries: (StoreID) async throws -> [StorefrontAccessEntry],
        _ revoke: (String, StoreID) async throws -> Void
    ) async throws -> Response {
        _ = try await store(key, call)
        let id = call.pathParameter("id").flatMap { UUIDBytes($0) }
        guard let entry = try await entries(key.storeID).first(where: { $0.id == id }) else { throw Failure.entryNotFound }
        try await revoke(entry.text, key.storeID)
        return .noContent
    }

    /// The store in the path, which has to be the key's.
    private func store(_ key: BusinessGrant, _ call: Call) async throws -> JSON {
        guard let name = call.pathParameter("store_id") else { throw Failure.storeNotFound }
        return try await stores.store(name, of: key.storeID)
    }

    private static func key(_ entry: StorefrontAccessEntry, _ store: JSON) -> JSON { entry.json("token", store) }
    private static func origin(_ entry: StorefrontAccessEntry, _ store: JSON) -> JSON { entry.json("origin", store) }
}

extension StorefrontAccessEntry {
    /// Its own id, always the same: neither keys nor origins have one.
    fileprivate var id: UUIDBytes? {
        var bytes = Array(RequestDigest.of([text], body: []).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUIDBytes(bytes: bytes)
    }

    /// The entry in an answer (`surroundings.md`, section 1).
    fileprivate func json(_ name: String, _ store: JSON) -> JSON {
        let isActive = status(at: .now) == .active
        return .object(
            JSONObject([
                ("id", JSON(id?.description)), (name, .string(text)), ("status", .string(isActive ? "active" : "revoked")),
                ("store_id", store["id"] ?? .null), ("created_by", .null), ("inserted_at", .string(insertedAt.description)),
                ("updated_at", .string(updatedAt.description)),
            ]))
    }
}

extension BodyReader {
    /// What JavaScript can tell apart.
    private static let maximumID: Int64 = 1 << 53

    /// The payment accounts of a store.
    fileprivate mutating func paymentAccounts() -> [JSON] {
        guard let elements = list("payment_accounts") else { return [] }
        guard elements.count <= StoreRoutes.maximumAccounts else {
            refuse("payment_accounts", "has more than \(StoreRoutes.maximumAccounts) elements")
            return []
        }
        return elements.enumerated().map { position, element in
            let path = "payment_accounts[\(position)]"
            guard case .object = element else {
                refuse(path, "is not an object")
                return .null
            }
            var account = BodyReader(element)
            var members = account.fields(StoreRoutes.accountFields).map { ($0.name, $0.value) }
            if let entity = account["financial_entity"], entity != .null {
                if case .object = entity {
                    var fields = BodyReader(entity)
                    let values = StoreRoutes.entityFields.map { ($0.name, $0.read(&fields) ?? .null) }
                    if !fields.isNumber("id") { fields.refuse("id", "is required") }
                    fields.refuseOthers(than: StoreRoutes.entityFields.map(\.name))
                    account.add(fields, in: "financial_entity")
                    members.append(("financial_entity", .object(JSONObject(values))))
                } else {
                    account.refuse("financial_entity", "is not an object")
                }
            }
            if let id = account.integer("id"), !(1...Self.maximumID).contains(id) {
                account.refuse("id", "is not from 1 to 2^53")
            }
            account.refuseOthers(than: StoreRoutes.accountFields.map(\.name) + ["financial_entity"])
            add(account, in: path)
            return .object(JSONObject(members))
        }
    }
}
