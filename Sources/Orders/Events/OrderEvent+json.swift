package import JSON

extension OrderEvent {
    /// The event as programs read it: what `pesanan events --json` prints and the business API answers.
    package var json: JSON {
        [
            "position": .number(String(position)), "order_id": .string(orderID.description), "number": .number(String(number)),
            "event": .string(kind.rawValue), "version": .number(String(version)), "status": status?.json ?? .null,
            "payment_status": paymentStatus?.json ?? .null, "actor": .string(actor.rawValue), "at": .string(at.description),
        ]
    }
}

extension OrderEvent.Transition where Value: RawRepresentable<String> {
    fileprivate var json: JSON {
        ["from": from.map { .string($0.rawValue) } ?? .null, "to": to.map { .string($0.rawValue) } ?? .null]
    }
}
