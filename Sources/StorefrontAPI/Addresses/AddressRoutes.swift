import Accounts
import HTTPServing
import Hummingbird
import JSON
import OrderServices
import Orders

/// The delivery addresses that a customer has saved.
struct AddressRoutes: Sendable {
    let customers: Customers
    let access: StorefrontAccess

    func add(to routes: inout Routes) {
        routes.add(Self.list, access.customer, list)
        routes.add(Self.add, access.customer, add)
        routes.add(Self.get, access.customer, get)
        routes.add(Self.change, access.customer, change)
        routes.add(Self.remove, access.customer, remove)
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private func list(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let addresses = try await customers.addresses(of: buyer)
        return Response(uncached: ["data": .array(addresses.map(\.json)), "is_paginated": false])
    }

    private func add(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let address = try DeliveryAddress(try await call.jsonObject(), changing: nil)
        return Response(uncached: try await customers.add(address, to: buyer).json, status: .created)
    }

    private func get(_ buyer: Buyer, _ call: Call) async throws -> Response {
        Response(uncached: try await customers.address(try id(call), of: buyer).json)
    }

    private func change(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let id = try id(call)
        let body = try await call.jsonObject()
        let changed = try await customers.changeAddress(id, of: buyer) { try DeliveryAddress(body, changing: $0) }
        return Response(uncached: changed.json)
    }

    private func remove(_ buyer: Buyer, _ call: Call) async throws -> Response {
        try await customers.removeAddress(try id(call), of: buyer)
        return .noContent
    }

    private func id(_ call: Call) throws -> Int64 {
        guard let text = call.pathParameter("id"), let id = Int64(text), String(id) == text else {
            throw Failure.addressNotFound
        }
        return id
    }
}

extension DeliveryAddress {
    /// Parses an address from a request's body.
    /// - Parameter before: the address to change, which provides the missing fields; `nil` for a new one.
    /// - Throws: ``Failure/invalidContent(_:)``.
    fileprivate init(_ body: JSON, changing before: DeliveryAddress?) throws(Failure) {
        var reader = BodyReader(body)
        func required(_ name: String, _ length: Int, _ stored: String?, hasLines: Bool = false) -> String {
            if let stored, !reader.isThere(name) { return stored }
            return reader.text(name, maximum: length, hasLines: hasLines)
        }
        func optional(_ name: String, _ length: Int, _ stored: String?) -> String? {
            reader.isThere(name) ? reader.optionalText(name, maximum: length) : stored
        }
        self.init(
            name: required("name", 200, before?.name), phone: optional("phone", 50, before?.phone), location: before?.location,
            address: required("address", 1000, before?.address, hasLines: true),
            subdistrict: optional("subdistrict", 200, before?.subdistrict), city: optional("city", 200, before?.city),
            province: optional("province", 200, before?.province), postalCode: optional("postal_code", 20, before?.postalCode))
        if reader.isThere("location") {
            location =
                reader.isNumber("location")
                ? reader.integer("location").map { .number($0) }
                : reader.optionalText("location", maximum: 100).map { .text($0) }
        }
        try reader.finish()
    }
}

extension StoredAddress {
    fileprivate var json: JSON {
        let location: JSON =
            switch address.location {
            case .number(let number)?: .number(String(number))
            case .text(let text)?: .string(text)
            case nil: .null
            }
        return [
            "id": .number(String(id)), "name": .string(address.name), "phone": JSON(address.phone), "location": location,
            "address": .string(address.address), "subdistrict": JSON(address.subdistrict), "city": JSON(address.city),
            "province": JSON(address.province), "postal_code": JSON(address.postalCode),
        ]
    }
}
