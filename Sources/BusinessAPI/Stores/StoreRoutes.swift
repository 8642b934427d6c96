import Accounts
import HTTPServing
import Hummingbird
import JSON
import OrderServices
import Orders

/// The store that a key belongs to, and who has access to it from browsers.
struct StoreRoutes: Sendable {
    let records: MerchantRecords
    let access: BusinessAccess

    func add(to routes: inout Routes) {
        routes.add(Self.get, access.key(with: .readStore), get)
        routes.add(Self.update, access.key(with: .updateStore), update)
        routes.add(Self.listKeys, access.key(with: .readStore)) { try await list($0, $1, records.stores.keys, Self.key) }
        routes.add(Self.addKey, access.key(with: .updateStore), addKey)
        routes.add(Self.revokeKey, access.key(with: .updateStore)) {
            try await revoke($0, $1) {
                try await $0.keys(of: $1)
            } _: {
                try await $0.revokeKey($1, of: $2)
            }
        }
        routes.add(Self.listOrigins, access.key(with: .readStore)) { try await list($0, $1, records.stores.origins, Self.origin) }
        routes.add(Self.addOrigin, access.key(with: .updateStore), addOrigin)
        routes.add(Self.revokeOrigin, access.key(with: .updateStore)) {
            try await revoke($0, $1) {
                try await $0.origins(of: $1)
            } _: {
                try await $0.revokeOrigin($1, of: $2)
            }
        }
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private func get(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        Response(uncached: try await store(key, call, records))
    }

    private func update(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call) { body, records in
            _ = try await store(key, call, records)
            var reader = try body.reader()
            var fields = reader.fields(Self.fields)
            if reader.isThere("name"), reader.isEmpty("name") { reader.refuse("name", "is required") }
            for (name, range) in Self.ranges {
                if let number = reader.integer(name), !range.contains(number) {
                    reader.refuse(name, "is not from \(range.lowerBound) to \(range.upperBound)")
                }
            }
            if reader.isThere("payment_accounts") { fields.append(("payment_accounts", .array(reader.paymentAccounts()))) }
            reader.refuseOthers(than: Self.fields.map(\.name) + ["payment_accounts"])
            try reader.finish()
            return WrittenAnswer(try await records.stores.change(fields, of: key.storeID))
        }
    }

    private func list(
        _ key: BusinessGrant, _ call: Call, _ entries: (StoreID) async throws -> [StorefrontAccessEntry],
        _ json: (StorefrontAccessEntry, JSON) -> JSON
    ) async throws -> Response {
        let store = try await store(key, call, records)
        let found = try await entries(key.storeID)
        return Response(uncached: .list(found.map { json($0, store) }))
    }

    private func addKey(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call) { _, records in
            let store = try await store(key, call, records)
            return WrittenAnswer(Self.key(try await records.stores.addKey(to: key.storeID), store))
        }
    }

    private func addOrigin(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call) { body, records in
            let store = try await store(key, call, records)
            var reader = try body.reader()
            let origin = reader.value("origin", otherwise: "is no origin such as https://shop.example") { WebOrigin($0) }
            reader.refuseOthers(than: ["origin"])
            let added = try await records.stores.add(try reader.finish(origin), to: key.storeID)
            return WrittenAnswer(Self.origin(added, store))
        }
    }

    private func revoke(
        _ key: BusinessGrant, _ call: Call,
        _ entries: @escaping @Sendable (MerchantStores, StoreID) async throws -> [StorefrontAccessEntry],
        _ revoke: @escaping @Sendable (MerchantStores, String, StoreID) async throws -> Void
    ) async throws -> Response {
        try await requests.answer(key, call) { _, records in
            _ = try await store(key, call, records)
            let id = call.pathParameter("id").flatMap { UUIDBytes($0) }
            let found = try await entries(records.stores, key.storeID).first { $0.id == id }
            guard let found else { throw Failure.entryNotFound }
            try await revoke(records.stores, found.text, key.storeID)
            return .noContent
        }
    }

    private var requests: RecordRequest { RecordRequest(records: records) }

    /// The store in the path, which has to be the key's.
    private func store(_ key: BusinessGrant, _ call: Call, _ records: MerchantRecords) async throws -> JSON {
        guard let name = call.pathParameter("store_id") else { throw Failure.storeNotFound }
        return try await records.stores.store(name, of: key.storeID)
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
