package import JSON

/// The orders of a shop that lives elsewhere, as the API there gives them.
package protocol MirrorSource: Sendable {
    /// The address of the API, which has no secret in it.
    var address: String { get }

    /// A page of the list of orders, newest first, and where the list goes on; `nil` if that was the last page.
    func orders(after cursor: String?) async throws(MirrorSourceFailure) -> (orders: [JSON], next: String?)

    /// A whole order, by its id; `nil` if there is none.
    func order(_ id: String) async throws(MirrorSourceFailure) -> JSON?
}

/// Why the other side of a mirror could not be read, in words for the operator.
package enum MirrorSourceFailure: Error, CustomStringConvertible {
    /// The cursor is not one of this list, or not any more.
    case invalidCursor
    case keyRefused
    /// It has no order of the store.
    case noOrders
    /// It could not be reached, or asked to wait, again and again.
    case unavailable(String)
    /// What it answers is not what its API gives.
    case unusable(String)

    package var description: String {
        switch self {
        case .invalidCursor: "the other side does not know where its list was left"
        case .keyRefused: "the other side refuses the API key, or it lacks the scopes order:list and order:read"
        case .noOrders: "the other side lists no order of the store: is it the key of this shop?"
        case .unavailable(let reason): "the other side could not be read for too long: \(reason)"
        case .unusable(let reason): "the other side answers something else than its orders: \(reason)"
        }
    }
}
