import Foundation
import JSON
import TestFixtures
import Testing

@testable import Orders

@Suite struct `Any order of arrival of the same events` {
    /// Another `SEED` in the environment tries other lives.
    private static let seed = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? 1

    @Test(arguments: 0..<10)
    func `ends in the same order`(batch: Int) {
        for number in 0..<1000 {
            var generator = SeededGenerator(seed: Self.seed &* 1_000_003 &+ UInt64(batch * 1000 + number))
            let arrivals = RandomLife.arrivals(using: &generator)
            let expected = order(after: arrivals, using: &generator)
            let repeated = arrivals.filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
            let actual = order(after: (arrivals + repeated).shuffled(using: &generator), using: &generator)
            guard actual == expected else {
                Issue.record("\(number) of batch \(batch): \(describe(actual)) is not \(describe(expected))")
                return
            }
        }
    }

    @Test(arguments: 0..<10)
    func `with losses is mended by a newer whole order`(batch: Int) {
        for number in 0..<1000 {
            var generator = SeededGenerator(seed: Self.seed &* 2_000_003 &+ UInt64(batch * 1000 + number))
            let arrivals = RandomLife.arrivals(using: &generator)
            let update = RandomLife.lastUpdate(after: arrivals, using: &generator)
            let kept = arrivals.filter { _ in Bool.random(using: &generator) }
            let actual = order(after: (kept + [.event(update)]).shuffled(using: &generator), using: &generator)
            guard case .object(let data) = update.data else { return }
            let wrong = data.members.first { name, value in
                switch name {
                case "business", "store": false
                case "orderlines": withoutDetails(actual?[name]) != value
                default: actual?[name] != value
                }
            }
            if let wrong {
                Issue.record("\(number) of batch \(batch): \(wrong.name) of \(describe(actual)) is not \(describe(update.data))")
                return
            }
        }
    }

    /// The order in the end. Now and then it is stored on the way and made anew from that, as is the mirror.
    private func order(after arrivals: [Arrival], using generator: inout SeededGenerator) -> JSON? {
        let id = OrderID("019b7635-f000-7a05-8b05-000000000005")!
        var mirror = MirroredOrder()
        var current: JSON?
        func made() -> JSON? { mirror.order(onto: current, id: id, secretSlug: "given", store: ["unique_id": "store_A"]) }
        for arrival in arrivals {
            switch arrival {
            case .event(let event): mirror.merge(event)
            case .read(let order, let time): mirror.merge(full: order, lastUpdatedAt: time)
            }
            if Int.random(in: 0..<10, using: &generator) == 0 {
                let stored = (try? JSON(parsing: mirror.json.encoded)).flatMap { MirroredOrder($0) }
                if stored != mirror { Issue.record("is stored as something else") }
                mirror = stored ?? MirroredOrder()
                current = made() ?? current
            }
        }
        return made()
    }

    private func describe(_ order: JSON?) -> String { order.map { String(decoding: $0.encoded, as: UTF8.self) } ?? "none" }

    /// Lines without what webhooks don't tell.
    private func withoutDetails(_ lines: JSON?) -> JSON? {
        guard case .array(let lines)? = lines else { return nil }
        return .array(
            lines.map { line in
                guard case .object(let object) = line else { return line }
                return .object(
                    JSONObject(object.members.filter { !["id", "item_type"].contains($0.name) }.map { ($0.name, $0.value) }))
            })
    }
}

private enum Arrival {
    case event(ScalevEvent)
    case read(JSON, Timestamp)
}

/// An order to which things happen at random; all of it is invented.
private struct RandomLife {
    private var time = Timestamp("2026-05-01T10:00:00Z")!
    private var count = 0
    private var fields: [String: JSON] = [
        "id": "019b7635-f000-7a05-8b05-000000000005", "order_id": "A-1", "secret_slug": "slug", "status": "draft",
        "draft_time": "2026-05-01T10:00:00Z", "payment_status": "unpaid", "notes": .null, "transferproof_url": "",
        "gross_revenue": "10000.00", "customer_id": 7, "created_at": "2026-05-01T10:00:00Z", "business": ["username": "toko"],
        "destination_address": ["name": "Siti", "email": "siti@example.com", "phone": "620000000001"],
        "orderlines": [["product_name": "Kopi", "quantity": 1]], "store": ["name": "Toko"],
    ]
    private var history: [JSON] = [["status": "draft", "time": "2026-05-01T10:00:00Z", "by": .null]]

    static func arrivals(using generator: inout SeededGenerator) -> [Arrival] {
        var life = RandomLife()
        var arrivals = [life.event(.created, using: &generator)]
        for _ in 0..<Int.random(in: 1...7, using: &generator) { arrivals.append(life.step(using: &generator)) }
        return arrivals
    }

    /// A whole order, newer than all.
    static func lastUpdate(after arrivals: [Arrival], using generator: inout SeededGenerator) -> ScalevEvent {
        var life = RandomLife()
        life.count = arrivals.count
        life.time = life.time.adding(seconds: 3600)
        for _ in 0..<3 { life.change(using: &generator) }
        return life.made(.updated, using: &generator)
    }

    private mutating func step(using generator: inout SeededGenerator) -> Arrival {
        // Several changes may fall into one second.
        time = time.adding(seconds: Int64.random(in: 0...2, using: &generator))
        let before = fields
        change(using: &generator)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: return event(.deleted, using: &generator)
        case 1...3: return .read(read, time)
        case 4:
            // Delivered again with another content.
            count -= 1
            return event(.updated, using: &generator)
        case 5...9: return event(.updated, using: &generator)
        case 10: return event([.epaymentCreated, .spamCreated].randomElement(using: &generator)!, using: &generator)
        default: return event(before["status"] == fields["status"] ? .paymentStatusChanged : .statusChanged, using: &generator)
        }
    }

    private mutating func change(using generator: inout SeededGenerator) {
        switch Int.random(in: 0..<7, using: &generator) {
        case 0, 1:
            let status = OrderStatus.allCases.randomElement(using: &generator)!.rawValue
            fields["status"] = .string(status)
            if status != "shipped_rts" { fields["\(status)_time"] = .string(time.description) }
            history.append(["status": .string(status), "time": .string(time.description), "by": "Budi"])
        case 2: fields["payment_status"] = .string(PaymentStatus.allCases.randomElement(using: &generator)!.rawValue)
        case 3: fields["notes"] = [.null, "", "a", "b"].randomElement(using: &generator)
        case 4: fields["customer_id"] = [7, 8, "7"].randomElement(using: &generator)
        case 5:
            let name = ["Siti", "Ani", ""].randomElement(using: &generator)!
            fields["destination_address"] = ["name": .string(name), "email": "ani@example.com", "phone": .null]
        default:
            fields["orderlines"] = .array(
                (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    ["product_name": .string(["Kopi", "Teh"].randomElement(using: &generator)!), "quantity": 2]
                })
        }
    }

    /// The order as the other side answers it: with what webhooks don't tell.
    private var read: JSON {
        guard case .array(let lines)? = fields["orderlines"], let customer = fields["customer_id"] else { return .null }
        let named = lines.enumerated().map { position, line in
            line.replacing([("id", .number(String(100 + position))), ("item_type", "physical")])
        }
        let given: JSON = ["id": customer, "name": "Siti Contoh", "last_updated_at": "2026-01-01T00:00:00Z"]
        return object(
            fields.merging(
                ["orderlines": .array(named), "customer": given, "status_history": .array(history), "business": ["id": 7]]
            ) { $1 })
    }

    private mutating func event(_ kind: ScalevEvent.Kind, using generator: inout SeededGenerator) -> Arrival {
        .event(made(kind, using: &generator))
    }

    private mutating func made(_ kind: ScalevEvent.Kind, using generator: inout SeededGenerator) -> ScalevEvent {
        count += 1
        var names: Set = ["id", "order_id", "created_at"]
        var data = fields
        switch kind {
        case .deleted: break
        case .statusChanged: names.formUnion(fields.keys.filter { $0 == "status" || $0.hasSuffix("_time") })
        case .paymentStatusChanged:
            names.formUnion(["business", "payment_status", "transferproof_url", "pg_payment_info"])
            data.merge(["business": [:], "pg_payment_info": ["qr_string": .string("\(count)")]]) { $1 }
        default: names.formUnion(fields.keys)
        }
        if kind.isComplete, data["customer_id"] == "7" { data["customer_id"] = 7 }
        data["last_updated_at"] = .string(time.description)
        names.insert("last_updated_at")
        let body: JSON = [
            "event": .string(kind.rawValue), "unique_id": .string("event_\(count)"),
            "data": object(data.filter { names.contains($0.key) }),
            "timestamp": Bool.random(using: &generator) ? .string(time.adding(seconds: 1).description) : .null,
        ]
        guard case .event(let event) = ScalevWebhook(body) else { preconditionFailure("an event is not read") }
        return event
    }

    private func object(_ fields: [String: JSON]) -> JSON {
        .object(JSONObject(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }
}
