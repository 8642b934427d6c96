import HTTPServing
import Hummingbird
import JSON
import OrderServices
import Orders

extension StorefrontAPI {
    /// `GET .../customers/me`
    func getCustomer(_ buyer: Buyer, _ request: Request, _ context: ServingContext) async throws -> Response {
        Response(secret: try await customers.customer(buyer))
    }

    /// `PATCH .../customers/me`
    func changeCustomer(_ buyer: Buyer, _ request: Request, _ context: ServingContext) async throws -> Response {
        let change = try CustomerChange(try await request.jsonObject())
        if change.needsCounting { try await count("customer \(buyer.customerID)", in: buyer.storeID) }
        let caller = caller(request, buyer.storeID, proxies.client(of: request, context))
        return Response(secret: try await customers.change(change, of: buyer, caller))
    }

    /// `GET .../customers/me/addresses`
    func listAddresses(_ buyer: Buyer, _ request: Request, _ context: ServingContext) async throws -> Response {
        try refuseEmptyID(request)
        return Response(secret: ["data": .array(try await customers.addresses(of: buyer)), "is_paginated": false])
    }

    /// `POST .../customers/me/addresses`
    func addAddress(_ buyer: Buyer, _ request: Request, _ context: ServingContext) async throws -> Response {
        try refuseEmptyID(request)
        return Response(secret: try await customers.add(try await request.jsonObject(), to: buyer), status: .created)
    }

    /// `GET .../customers/me/addresses/{id}`
    func getAddress(_ buyer: Buyer, _ request: Request, _ context: ServingContext) async throws -> Response {
        Response(secret: try await customers.address(try addressID(context), of: buyer))
    }

    /// `PATCH .../customers/me/addresses/{id}`
    func changeAddress(_ buyer: Buyer, _ request: Request, _ context: ServingContext) async throws -> Response {
        let id = try addressID(context)
        return Response(secret: try await customers.change(id, of: buyer, try await request.jsonObject()))
    }

    /// `DELETE .../customers/me/addresses/{id}`
    func removeAddress(_ buyer: Buyer, _ request: Request, _ context: ServingContext) async throws -> Response {
        try await customers.removeAddress(try addressID(context), of: buyer)
        return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    }

    /// The router takes an address's path whose id is empty for that of the list.
    private func refuseEmptyID(_ request: Request) throws {
        guard !request.uri.path.hasSuffix("/") else { throw Failure.addressNotFound }
    }

    private func addressID(_ context: ServingContext) throws -> Int64 {
        guard let text = context.pathParameter("id"), let id = Int64(text), String(id) == text else {
            throw Failure.addressNotFound
        }
        return id
    }
}
