package import Foundation
package import JSON
import Orders

/// The contract's sample stores and orders, with the expected answers and the schema of all answers.
package enum Fixture {
    package static let storesFile = file("stores.json")
    package static let ordersFile = file("orders.ndjson")

    /// The stores in the merchant's format.
    package static func stores() throws -> [JSON] {
        guard case .array(let stores) = try JSON(parsing: [UInt8](Data(contentsOf: storesFile))) else { return [] }
        return stores
    }

    /// The orders in the merchant's format.
    package static func orders() throws -> [JSON] { try lines(of: ordersFile) }

    /// The expected answers for orders 0, 8, 16 and so on, with the public URL ``publicURL``.
    package static func expectedAnswers() throws -> [JSON] { try lines(of: file("expected.ndjson")) }

    package static let publicURL = "https://orders.example.id"

    /// The JSON Schema of a buyer's order.
    package static func schema() throws -> JSON {
        try JSON(parsing: [UInt8](Data(contentsOf: file("customer-order.schema.json"))))
    }

    package static func file(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(components: "Files", name)
    }

    private static func lines(of file: URL) throws -> [JSON] {
        try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: [UInt8]($0)) }
    }
}
