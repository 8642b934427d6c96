import Foundation

/// A position in a buyer's list of orders, opaque to the client: the id of the adjacent order.
package struct PageCursor: Equatable, Sendable {
    package let id: OrderID

    package init(_ id: OrderID) { self.id = id }

    /// Parses a cursor issued by the service; `nil` for anything else.
    package init?(_ text: String) {
        guard text.utf8.count == 22, let bytes = Data(base64URLEncoded: text),
            let id = UUIDBytes(bytes: bytes).flatMap({ OrderID($0) }), PageCursor(id).text == text
        else { return nil }
        self.id = id
    }

    /// The issued form: 22 characters that need no encoding in a query.
    package var text: String { id.uuid.bytes.base64URLEncoded }
}
