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
        for (name, schema) in DeliveryAddress.schemas { routes.add(schema: schema, named: name) }
        let list = JSON.pageSchema(
            "One page with all addresses.", of: .reference("schemas", "Address"), most: Customers.maximumAddresses)
        routes.add(schema: list, named: "AddressList")
    }

    private func list(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let addresses = try await customers.addresses(of: buyer)
        // They fit one page.
        return Response(uncached: .page(addresses.map(\.json), PageEnvelope(size: Customers.maximumAddresses)))
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
