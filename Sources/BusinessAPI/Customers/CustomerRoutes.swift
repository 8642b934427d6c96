import Accounts
import HTTPServing
import Hummingbird
import HummingbirdCore
import JSON
import OrderServices
import Orders

/// The customers of the store that a key belongs to, and their addresses.
struct CustomerRoutes: Sendable {
    let records: MerchantRecords
    let access: BusinessAccess

    func add(to routes: inout Routes) {
        routes.add(Self.list, access.key(with: .listCustomers), list)
        routes.add(Self.create, access.key(with: .createCustomers), create)
        routes.add(Self.get, access.key(with: .readCustomers), get)
        routes.add(Self.update, access.key(with: .updateCustomers), update)
        routes.add(Self.listAddresses, access.key(with: .readCustomers), listAddresses)
        routes.add(Self.addAddress, access.key(with: .updateCustomers), addAddress)
        routes.add(Self.updateAddress, access.key(with: .updateCustomers), updateAddress)
        routes.add(Self.removeAddress, access.key(with: .updateCustomers), removeAddress)
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private func list(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let query = try call.describedQuery()
        let size = try PageRequest.size(in: query)
        var after: CustomerID?
        if let text = query["next_cursor"], !text.isEmpty {
            guard let id = Int64(text) else {
                throw Failure.invalidParameter("next_cursor", "is not a cursor that a page of this list gave")
            }
            after = CustomerID(id)
        }
        let (found, next) = try await records.customers.list(
            of: key.storeID, after: after, search: try Self.search(query), size: size)
        return Response(uncached: .page(found, PageEnvelope(next: next?.description, size: size)))
    }

    /// - Throws: ``Failure/invalidParameter(_:_:)``.
    private static func search(_ query: FlatDictionary<Substring, Substring>) throws(Failure) -> CustomerSearch? {
        guard let text = query["search"], !text.isEmpty else { return nil }
        let name = query["search_field"].map(String.init) ?? ""
        guard let field = name.isEmpty ? .email : CustomerSearch.Field(rawValue: name) else {
            throw .invalidParameter(
                "search_field", "is none of \(CustomerSearch.Field.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let beginning = field == .phone ? PhoneNumber.beginning(with: String(text)) : OrderEntry.searchable(String(text))
        guard let beginning else { throw .invalidParameter("search", "is nothing that a \(field.rawValue) begins with") }
        return CustomerSearch(field: field, beginning: beginning)
    }

    private func create(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call) { body, records in
            var reader = try body.reader()
            let name = reader.text("name", maximum: 200)
            let email = reader.isEmpty("email") ? nil : reader.email("email")
            let phone = reader.optionalPhone("phone")
            if reader.isEmpty("email"), reader.isEmpty("phone") { reader.refuse("email", "is required, or phone") }
            reader.refuseOthers(than: Self.fields.map(\.name))
            try reader.finish()
            let recipient = OrderRecipient(name: name, email: email, phone: phone)
            return WrittenAnswer(try await records.customers.add(recipient, to: key.storeID))
        }
    }

    private func get(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        Response(uncached: try await records.customers.customer(try buyer(key, call)))
    }

    private func update(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let buyer = try buyer(key, call)
        return try await requests.answer(key, call) { body, records in
            var reader = try body.reader()
            let given = reader.fields(Self.fields)
            for name in ["email", "name"] where reader.isThere(name) && reader.isEmpty(name) {
                reader.refuse(name, "can't be removed")
            }
            reader.refuseOthers(than: Self.fields.map(\.name))
            try reader.finish()
            return WrittenAnswer(try await records.customers.change(given, of: buyer))
        }
    }

    private func listAddresses(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let buyer = try buyer(key, call)
        _ = try await records.customers.customer(buyer)
        let found = try await records.addresses.addresses(of: buyer)
        return Response(uncached: .page(found.map(\.json), PageEnvelope(size: Customers.maximumAddresses)))
    }

    private func addAddress(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let buyer = try buyer(key, call)
        return try await requests.answer(key, call) { body, records in
            _ = try await records.customers.customer(buyer)
            let address = try DeliveryAddress(try Call.jsonObject(in: body.bytes), changing: DeliveryAddress())
            return WrittenAnswer(try await records.addresses.add(address, to: buyer).json)
        }
    }

    private func updateAddress(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let (buyer, id) = (try buyer(key, call), try addressID(call))
        return try await requests.answer(key, call) { body, records in
            let json = try Call.jsonObject(in: body.bytes)
            let changed = try await records.addresses.changeAddress(id, of: buyer) { try DeliveryAddress(json, changing: $0) }
            return WrittenAnswer(changed.json)
        }
    }

    private func removeAddress(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let (buyer, id) = (try buyer(key, call), try addressID(call))
        return try await requests.answer(key, call) { _, records in
            try await records.addresses.removeAddress(id, of: buyer)
            return .noContent
        }
    }

    private var requests: RecordRequest { RecordRequest(records: records) }

    private func buyer(_ key: BusinessGrant, _ call: Call) throws(Failure) -> Buyer {
        guard let text = call.pathParameter("id"), let id = Int64(text), String(id) == text else { throw .customerNotFound }
        return Buyer(storeID: key.storeID, customerID: CustomerID(id))
    }

    private func addressID(_ call: Call) throws(Failure) -> Int64 {
        guard let text = call.pathParameter("address_id"), let id = Int64(text), String(id) == text else {
            throw .addressNotFound
        }
        return id
    }
}
