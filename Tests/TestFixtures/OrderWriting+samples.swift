package import Orders

extension OrderWriting {
    /// Imports the sample stores and orders. A migrated order gets an id of its own each time.
    package func addSamples() async throws {
        let session = try await beginImport(allOrNothing: false)
        _ = try await session.write(try Fixture.stores().map { try MerchantStore($0) }, at: .now)
        var generator = SystemRandomNumberGenerator()
        let changes = try Fixture.orders().map { json in
            let order = try MerchantOrder(json)
            if case .id(let id) = order.reference { return try OrderChange(json, id: id) }
            return try OrderChange(json, id: OrderID(mintedAt: order.createdAt ?? .now, using: &generator)!)
        }
        _ = try await session.write(changes, at: .now)
        try await session.commit()
    }
}
