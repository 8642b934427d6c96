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
        // They fit one page.
        return Response(uncached: [
            "data": .array(addresses.map(\.json)), "is_paginated": true, "has_next": false, "has_previous": false,
            "next_cursor": .null, "previous_cursor": .null, "page_size": .number(String(Customers.maximumAddresses)),
        ])
    }

    private func add(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let address = try DeliveryAddress(try await call.jsonObject(), changing: DeliveryAddress())
        return Response(uncached: try await customers.add(address, to: buyer).json)
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
    /// - Parameter before: the address to change, which provides the missing fields.
    /// - Throws: ``Failure/invalidContent(_:)``.
    fileprivate init(_ body: JSON, changing before: DeliveryAddress) throws(Failure) {
        self = before
        var reader = BodyReader(body)
        func read(_ field: WritableKeyPath<DeliveryAddress, String?>, _ name: String, _ length: Int, hasLines: Bool = false) {
            guard reader.isThere(name) else { return }
            self[keyPath: field] = reader.optionalText(name, maximum: length, hasLines: hasLines)
        }
        read(\.name, "name", 200)
        read(\.address, "address", 1000, hasLines: true)
        read(\.postalCode, "postal_code", 20)
        read(\.notes, "notes", 1000, hasLines: true)
        if reader.isThere("phone") { phone = reader.optionalPhone("phone") }
        if reader.isThere("email") { email = reader.isGiven("email") ? reader.email("email") : nil }
        // A place by its id, by its names, or as answers have it.
        if let place = body["location"], case .object = place {
            var names = BodyReader(place)
            location = names.isGiven("id") ? names.location("id") : nil
            subdistrict = names.optionalText("subdistrict_name", maximum: 200)
            city = names.optionalText("city_name", maximum: 200)
            province = names.optionalText("province_name", maximum: 200)
            reader.add(names, in: "location")
        } else if reader.isThere("location") {
            location = reader.location("location")
        }
        if reader.isThere("location_id") { location = reader.location("location_id") }
        read(\.subdistrict, "subdistrict", 200)
        read(\.city, "city", 200)
        read(\.province, "province", 200)
        try reader.finish()
        if isEmpty { throw Failure.invalidContent([FieldError("address", "is required")]) }
    }
}

extension BodyReader {
    /// A place: a number, also in a text, or another text.
    fileprivate mutating func location(_ field: String) -> DeliveryAddress.Location? {
        if isNumber(field) { return integer(field).map { .number($0) } }
        return optionalText(field, maximum: 100).map { text in Int64(text).map { .number($0) } ?? .text(text) }
    }
}

extension StoredAddress {
    fileprivate var json: JSON {
        let id: JSON = if case .number(let number)? = address.location { .number(String(number)) } else { .null }
        return [
            "id": .number(String(self.id)), "name": JSON(address.name), "phone": JSON(address.phone),
            "email": JSON(address.email?.text),
            "location": [
                "id": id, "subdistrict_name": JSON(address.subdistrict), "city_name": JSON(address.city),
                "province_name": JSON(address.province),
            ],
            "address": JSON(address.address), "postal_code": JSON(address.postalCode), "notes": JSON(address.notes),
        ]
    }
}
