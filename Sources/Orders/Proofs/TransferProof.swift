package import JSON

/// The picture with which a buyer shows that they have paid, and what its merchant thinks of it.
///
/// The merchant's order has it beside `transferproof_url`, in ``TransferProof/field``, which buyers' views leave out. What is said there is about
/// one picture: if `transferproof_url` is another one by now, whoever has set it, that one is new.
package struct TransferProof: Equatable, Sendable {
    package enum State: String, CaseIterable, Sendable {
        /// It waits for its merchant.
        case received
        case accepted, rejected
    }

    package let url: String
    package let state: State
    /// Why it was rejected; `nil` unless it was.
    package let reason: String?
    /// `nil` if it is not kept here, and so are the following.
    package let contentType: String?
    /// In bytes.
    package let size: Int64?
    /// `nil` if it is not known when it came.
    package let receivedAt: Timestamp?
    /// When its merchant has last accepted or rejected it.
    package let decidedAt: Timestamp?

    /// The field of the merchant's order.
    package static let field = "transferproof"

    /// A picture that has just come.
    package init(_ url: String, contentType: String?, size: Int64?, at time: Timestamp) {
        self.init(url, .received, reason: nil, contentType, size, receivedAt: time, decidedAt: nil)
    }

    private init(
        _ url: String, _ state: State, reason: String?, _ contentType: String?, _ size: Int64?, receivedAt: Timestamp?,
        decidedAt: Timestamp?
    ) {
        self.url = url
        self.state = state
        self.reason = reason
        self.contentType = contentType
        self.size = size
        self.receivedAt = receivedAt
        self.decidedAt = decidedAt
    }

    /// The one of a merchant's order; `nil` if it has none.
    package init?(of order: JSON) {
        guard let url = order.optionalText("transferproof_url"), !url.isEmpty else { return nil }
        guard let known = order[Self.field], known.optionalText("url") == url,
            let state = known.optionalText("state").flatMap({ State(rawValue: $0) })
        else {
            self.init(url, .received, reason: nil, nil, nil, receivedAt: nil, decidedAt: nil)
            return
        }
        let time = { (name: String) in known.optionalText(name).flatMap { Timestamp($0) } }
        var size: Int64?
        if case .number(let digits)? = known["size_in_bytes"] { size = Int64(digits) }
        self.init(
            url, state, reason: known.optionalText("reason"), known.optionalText("content_type"), size,
            receivedAt: time("received_at"), decidedAt: time("decided_at"))
    }

    /// The same picture after its merchant has looked at it.
    /// - Parameter reason: why it is rejected.
    package func decided(_ state: State, reason: String?, at time: Timestamp) -> TransferProof {
        TransferProof(
            url, state, reason: state == .rejected ? reason : nil, contentType, size, receivedAt: receivedAt,
            decidedAt: state == .received ? nil : time)
    }

    /// The value of ``field``.
    package var stored: JSON {
        [
            "url": .string(url), "state": .string(state.rawValue), "reason": JSON(reason), "content_type": JSON(contentType),
            "size_in_bytes": size.map { .number(String($0)) } ?? .null, "received_at": JSON(receivedAt?.description),
            "decided_at": JSON(decidedAt?.description),
        ]
    }

    /// What everybody is told who may see the order, in the form of ``schema``.
    package static func json(of order: JSON) -> JSON {
        let stored = TransferProof(of: order)?.stored
        let field = { (name: String) in stored?[name] ?? .null }
        return [
            "state": field("state"), "reason": field("reason"), "file_url": field("url"), "content_type": field("content_type"),
            "size_in_bytes": field("size_in_bytes"), "received_at": field("received_at"), "decided_at": field("decided_at"),
        ]
    }
}
