package import JSON
package import Orders

extension OrderLinkChange {
    /// Parses `rotate`, `revoke` and `expires_at`, of which at least one has to be there.
    /// - Throws: ``Failure/invalidContent(_:)``.
    package init(_ body: JSON, at time: Timestamp = .now) throws(Failure) {
        var reader = BodyReader(body)
        let rotates = reader.flag("rotate") ?? false
        let revokes = reader.flag("revoke") ?? false
        let isDated = reader.isThere("expires_at")
        let end = reader.optionalTime("expires_at")
        if isDated, reader.isGiven("expires_at"), reader.isEmpty("expires_at") {
            reader.refuse("expires_at", "is empty: null is never")
        }
        if revokes, rotates || isDated { reader.refuse("revoke", "can't be given together with rotate or expires_at") }
        if !rotates, !revokes, !isDated { reader.refuse("rotate", "is required, or revoke, or expires_at") }
        reader.refuseOthers(than: ["rotate", "revoke", "expires_at"])
        try reader.finish()
        self.init(
            rotates: rotates, end: revokes ? .at(time) : isDated ? end.map { .at($0) } ?? .never : nil)
    }

    package static let schema = JSON.strictObject(
        "What is to become of a link. A new secret has no end, unless expires_at gives it one.",
        [
            ("rotate", ["type": ["boolean", "null"]]), ("revoke", ["type": ["boolean", "null"]]),
            ("expires_at", ["type": ["string", "null"], "format": "date-time"]),
        ], required: [])
}

extension OrderLink {
    /// - Parameter withLooks: whether to say how often the order was looked at, which is for its merchant.
    package func json(withLooks: Bool, at time: Timestamp = .now) -> JSON {
        let looks = looks.map { ["hour": .string($0.hour.description), "count": .number(String($0.count))] as JSON }
        return .object(
            JSONObject(
                [
                    ("id", .string(orderID.description)), ("secret_slug", .string(secretSlug)), ("public_order_url", JSON(url)),
                    ("is_open", .bool(endsAt.map { time < $0 } ?? true)), ("expires_at", JSON(endsAt?.description)),
                ] + (withLooks ? [("looks", .array(looks))] : [])))
    }

    /// The schema of ``json(withLooks:at:)``.
    package static func schema(withLooks: Bool) -> JSON {
        let look = JSON.closedObject(
            "How often it was looked at from the beginning of an hour.",
            [("hour", ["type": "string", "format": "date-time"]), ("count", ["type": "integer", "minimum": 1])])
        return .closedObject(
            "An order's secret link.",
            [
                ("id", ["type": "string", "format": "uuid"]), ("secret_slug", .text), ("public_order_url", .optionalText),
                ("is_open", ["type": "boolean"]), ("expires_at", ["type": ["string", "null"], "format": "date-time"]),
            ] + (withLooks ? [("looks", ["type": "array", "items": look])] : []))
    }
}
