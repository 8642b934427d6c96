import Accounts
import JSON
import Orders

/// The body of a webhook: that of `api.md`, and beside it what the event says of the order.
package struct WebhookBody: Sendable {
    /// The same whenever the event is sent again.
    package let id: String
    package let bytes: [UInt8]

    /// An order when a body is made.
    enum Snapshot {
        case order(MerchantOrderView, version: Int64)
        /// It was deleted: as it was last.
        case deleted(JSON)
    }

    init(_ event: OrderEvent, _ order: Snapshot) {
        let digest = RequestDigest.of([event.storeID.text, event.orderID.description, String(event.number)], body: [])
        id = Self.prefix + Hexadecimal.text(digest.prefix(12))
        let (data, version): (JSON, Int64?) =
            switch order {
            case .order(let view, let version): (view.json, version)
            case .deleted(let last): (Self.rest(of: last, event), nil)
            }
        let said = event.json
        var fields: [(String, JSON)] = [
            ("event", .string(event.kind.rawValue)), ("unique_id", .string(id)), ("timestamp", .string(event.at.description)),
            ("store_unique_id", .string(event.storeID.text)),
        ]
        for name in ["order_id", "number", "version", "status", "payment_status", "actor"] {
            fields.append((name, said[name] ?? .null))
        }
        fields.append(("data_version", version.map { .number(String($0)) } ?? .null))
        fields.append(("data", data))
        bytes = JSON.object(JSONObject(fields)).encoded
    }

    /// The test event.
    init(testAt time: Timestamp) {
        id = Self.prefix + UUIDBytes.random().description.filter { $0 != "-" }.prefix(24)
        bytes =
            JSON.object(
                JSONObject([
                    ("event", "business.test_event"), ("unique_id", .string(id)), ("timestamp", .string(time.description)),
                    ("data", .object(JSONObject([]))),
                ])
            ).encoded
    }

    /// A body that another server has made.
    package init(received bytes: [UInt8]) {
        id = (try? JSON(parsing: bytes))?.optionalText("unique_id") ?? ""
        self.bytes = bytes
    }

    private static let prefix = "event_"

    /// What is told of an order that was deleted.
    private static func rest(of order: JSON, _ event: OrderEvent) -> JSON {
        .object(
            JSONObject([
                ("id", .string(event.orderID.description)), ("order_id", order["order_id"] ?? .null),
                ("created_at", order["created_at"] ?? .null), ("last_updated_at", order["last_updated_at"] ?? .null),
            ]))
    }
}
