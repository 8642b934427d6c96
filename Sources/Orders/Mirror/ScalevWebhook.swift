import JSON

/// What the body of a webhook from Scalev says (`api.md`, "Webhooks").
package enum ScalevWebhook: Equatable, Sendable {
    /// Sent when the merchant saves the settings: nothing happened, and it must be answered 200.
    case test
    /// An event of a kind that is not mirrored. Its name is at most 64 bytes of letters, digits, `.`, `_` and `-`.
    case ignored(event: String)
    case event(ScalevEvent)
    /// The reason names the field and never repeats a value, which may be personal data.
    case unusable(reason: String)

    /// Reads a body as it came; its signature is checked elsewhere.
    ///
    /// Only `event`, `unique_id`, `timestamp` and `data` are read: what stands beside them is not part of the order.
    package init(_ body: [UInt8]) {
        guard body.contains(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
            self = .test
            return
        }
        do throws(JSONSyntaxError) { self.init(try JSON(parsing: body)) } catch {
            self = .unusable(reason: "is not JSON: \(error.reason), at byte \(error.offset)")
        }
    }

    init(_ body: JSON) {
        do throws(Refusal) { self = try Self.read(body) } catch { self = .unusable(reason: error.description) }
    }

    private static func read(_ body: JSON) throws(Refusal) -> ScalevWebhook {
        guard case .object = body else { throw Refusal("", "is not a JSON object") }
        let name = try text("event", in: body)
        guard name.utf8.count <= 64, name.utf8.allSatisfy(isAllowedInName) else {
            throw Refusal("event", "is not the name of an event")
        }
        if name == "business.test_event" { return .test }
        guard let kind = ScalevEvent.Kind(rawValue: name) else { return .ignored(event: name) }
        return .event(try event(kind, body))
    }

    private static func event(_ kind: ScalevEvent.Kind, _ body: JSON) throws(Refusal) -> ScalevEvent {
        let uniqueID = try text("unique_id", in: body)
        guard uniqueID.utf8.count <= 255, uniqueID.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Refusal("unique_id", "is longer than 255 bytes or holds something else than visible ASCII")
        }
        guard let data = body["data"], data != .null else { throw Refusal("data", "is required") }
        guard case .object = data else { throw Refusal("data", "is not an object") }
        guard !data.isNested(deeperThan: MirroredOrder.maximumDepth) else {
            throw Refusal("data", "is nested deeper than \(MirroredOrder.maximumDepth) levels")
        }
        let timestamp = time(body["timestamp"])
        let orderID = try MirroredOrderName.number(data, in: "data.")
        let reference = data.orderReference
        guard reference != nil || orderID != nil else { throw Refusal("data.order_id", "and data.id name no order") }
        return ScalevEvent(
            uniqueID: uniqueID, kind: kind, timestamp: timestamp, reference: reference, orderID: orderID,
            lastUpdatedAt: try lastUpdatedAt(data, orElse: timestamp), data: data)
    }

    /// The envelope's time stands in for a missing one only: one that is there and can't be read may be any.
    private static func lastUpdatedAt(_ data: JSON, orElse timestamp: Timestamp?) throws(Refusal) -> Timestamp {
        if let value = data["last_updated_at"], !value.isAbsent {
            guard let time = time(value) else {
                throw Refusal("data.last_updated_at", "is not a time with its offset from UTC (RFC 3339)")
            }
            return time
        }
        guard let timestamp else { throw Refusal("data.last_updated_at", "is required") }
        return timestamp
    }

    private static func text(_ name: String, in body: JSON) throws(Refusal) -> String {
        guard let value = body[name], !value.isAbsent else { throw Refusal(name, "is required") }
        guard case .string(let text) = value else { throw Refusal(name, "is not text") }
        return text
    }

    private static func time(_ value: JSON?) -> Timestamp? {
        guard case .string(let text)? = value else { return nil }
        return Timestamp(text)
    }

    private static func isAllowedInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
