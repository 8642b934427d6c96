import JSON
import Testing

@testable import Orders

@Suite struct `A mirrored order` {
    private let id = OrderID("019b7635-f000-7a05-8b05-000000000005")!
    private let store: JSON = ["unique_id": "store_A", "name": "Toko"]

    /// An event; minutes count from ten o'clock.
    private func event(
        _ kind: ScalevEvent.Kind, _ minute: Int, named name: String = "event_1", sent: Int = 0, _ data: JSON = [:]
    ) -> ScalevEvent {
        ScalevEvent(
            uniqueID: name, kind: kind, timestamp: time(sent), reference: nil, orderID: "A-1", lastUpdatedAt: time(minute),
            data: data.replacing([("order_id", "A-1")]))
    }

    private func time(_ minute: Int) -> Timestamp { Timestamp("2026-05-01T10:00:00Z")!.adding(seconds: Int64(60 * minute)) }

    private func order(_ mirror: MirroredOrder, onto current: JSON? = nil, slug: String? = nil) -> JSON? {
        mirror.order(onto: current, id: id, secretSlug: slug, store: store)
    }

    /// The order after these events, which must be the same in any order of theirs.
    private func order(of events: [ScalevEvent], onto current: JSON? = nil) throws -> JSON {
        func merged(_ events: [ScalevEvent]) -> MirroredOrder {
            events.reduce(into: MirroredOrder()) { $0.merge($1) }
        }
        let mirror = merged(events)
        #expect(merged(events.reversed()) == mirror && merged(events + events) == mirror)
        return try #require(order(mirror, onto: current))
    }

    @Test func `has of each field the newest value, and keeps what an event leaves out`() throws {
        let order = try order(of: [
            event(.created, 0, ["status": "pending", "notes": "a", "payment_status": "unpaid"]),
            event(.paymentStatusChanged, 2, ["payment_status": "paid", "pg_payment_info": ["qr_string": "x"]]),
            event(.updated, 1, ["status": "ready", "notes": "b", "payment_status": "unpaid"]),
        ])
        #expect(order["status"] == "ready" && order["notes"] == "b" && order["payment_status"] == "paid")
        #expect(order["pg_payment_info"] == ["qr_string": "x"])
        #expect(order["last_updated_at"] == "2026-05-01T10:02:00Z" && order["order_id"] == "A-1")
    }

    @Test func `updated at one time has what was sent later, and of two alike any, but always the same`() throws {
        let notes = { (text: String) -> JSON in ["notes": .string(text)] }
        #expect(
            try order(of: [
                event(.updated, 0, named: "event_2", sent: 1, notes("a")),
                event(.updated, 0, named: "event_1", sent: 2, notes("b")),
                event(.created, 0, named: "event_3", sent: 3, notes("c")),
            ])["notes"] == "b")
        #expect(
            try order(of: [event(.updated, 0, named: "event_2", notes("a")), event(.updated, 0, named: "event_1", notes("b"))])[
                "notes"] == "a")
        #expect(
            try order(of: [event(.updated, 0, notes("a")), event(.updated, 0, notes("b"))])["notes"] == "b")
    }

    @Test func `takes an empty value from a whole order, and not from a part`() throws {
        let full: JSON = ["transferproof_url": "https://files.example.com/a.png", "notes": "a", "secret_slug": "slug"]
        let part = try order(of: [
            event(.created, 0, full),
            event(.paymentStatusChanged, 1, ["transferproof_url": "", "notes": .null, "pg_payment_info": [:]]),
        ])
        #expect(part["transferproof_url"] == full["transferproof_url"] && part["notes"] == "a")
        #expect(part["pg_payment_info"] == [:])
        let whole = try order(of: [
            event(.created, 0, full),
            event(.updated, 1, ["transferproof_url": "", "notes": .null, "secret_slug": "", "status": .null]),
        ])
        #expect(whole["transferproof_url"] == "" && whole["notes"] == .null)
        #expect(whole["secret_slug"] == "slug" && whole["status"] == nil)
    }

    @Test func `has nothing of the envelope, and the store and the business that are known here`() throws {
        let current: JSON = ["store": ["unique_id": "store_A", "name": "Old"], "business": ["id": 7]]
        let data: JSON = [
            "store": ["name": "Other"], "business": [:], "event": "order.created", "unique_id": "event_1", "data": [:],
            "timestamp": "2026-05-01T10:00:00Z", "é": 1,
        ]
        let order = try order(of: [event(.created, 0, data), event(.paymentStatusChanged, 1, data)], onto: current)
        #expect(order["store"] == store && order["business"] == ["id": 7])
        for name in ["event", "unique_id", "data", "timestamp", "é"] { #expect(order[name] == nil) }
    }

    @Test func `waits for a whole order`() throws {
        var mirror = MirroredOrder()
        #expect(!mirror.isComplete && !mirror.isDeleted && order(mirror) == nil)
        mirror.merge(event(.statusChanged, 5, ["status": "ready"]))
        #expect(!mirror.isComplete && order(mirror) == nil)
        for kind in [ScalevEvent.Kind.created, .updated, .epaymentCreated, .spamCreated] {
            var mirror = mirror
            mirror.merge(event(kind, 0, ["status": "draft", "notes": "a"]))
            #expect(mirror.isComplete && order(mirror)?["status"] == "ready" && order(mirror)?["notes"] == "a")
        }
        mirror.merge(full: ["id": 5], lastUpdatedAt: time(0))
        #expect(mirror.isComplete && order(mirror)?["id"] == 5)
    }

    @Test func `is deleted until a newer whole order comes`() throws {
        func mirror(_ events: ScalevEvent...) -> MirroredOrder { events.reduce(into: MirroredOrder()) { $0.merge($1) } }
        let (created, deleted) = (event(.created, 1, ["notes": "a"]), event(.deleted, 1, named: "event_2"))
        #expect(mirror(created, deleted).isDeleted && mirror(deleted, created).isDeleted && mirror(deleted).isDeleted)
        #expect(order(mirror(created, deleted)) == nil)
        #expect(mirror(event(.statusChanged, 2, ["status": "ready"]), created, deleted).isDeleted)
        let restored = mirror(deleted, event(.updated, 2), created)
        #expect(!restored.isDeleted && order(restored)?["notes"] == "a")
        var read = mirror(created, deleted)
        read.merge(full: ["notes": "b"], lastUpdatedAt: time(1))
        #expect(read.isDeleted)
        read.merge(full: ["notes": "b"], lastUpdatedAt: time(2))
        #expect(!read.isDeleted && order(read)?["notes"] == "b")
    }

    @Test func `has a status history of the events, of the orders that were read and of the stored one`() throws {
        let budi: JSON = ["name": "Budi"]
        var mirror = MirroredOrder()
        mirror.merge(event(.statusChanged, 3, ["status": "ready", "ready_time": "2026-05-01T17:02:00+07:00"]))
        mirror.merge(event(.created, 0, ["status": "draft", "draft_time": "2026-05-01T10:00:00Z", "ready_time": "no time"]))
        mirror.merge(event(.updated, 1, ["status": "shipped_rts"]))
        mirror.merge(event(.updated, 1, named: "event_2", ["status": "ready", "ready_time": .null]))
        mirror.merge(
            full: [
                "status": "closed", "closed_time": "2026-05-01T10:09:00Z",
                "status_history": [
                    ["status": "ready", "at": "2026-05-01T10:02:00.000Z", "by": budi], ["status": "unheard of"], "odd",
                    ["status": "pending", "time": "2026-05-01T10:00:00Z", "by": ""],
                ],
            ], lastUpdatedAt: time(4))
        let current: JSON = ["status_history": [["status": "confirmed", "at": "2026-05-01T10:01:00Z", "by": "Ani"]]]
        #expect(
            order(mirror, onto: current)?["status_history"] == [
                ["status": "draft", "time": "2026-05-01T10:00:00Z", "by": .null],
                ["status": "pending", "time": "2026-05-01T10:00:00Z", "by": .null],
                ["status": "confirmed", "time": "2026-05-01T10:01:00Z", "by": "Ani"],
                ["status": "ready", "time": "2026-05-01T10:02:00Z", "by": budi],
            ])
    }

    @Test func `names one of those who are said to have moved it, and always the same`() {
        func order(by names: [JSON]) -> JSON? {
            var mirror = MirroredOrder()
            for name in names {
                let entry: JSON = ["status": "ready", "time": "2026-05-01T10:02:00Z", "by": name]
                mirror.merge(full: ["status_history": [entry]], lastUpdatedAt: time(1))
            }
            return self.order(mirror)
        }
        let expected: JSON = [["status": "ready", "time": "2026-05-01T10:02:00Z", "by": "Budi"]]
        for names in [["Ani", "Budi", .null], [.null, "Budi", "Ani"], ["Budi", "", "Ani"]] as [[JSON]] {
            #expect(order(by: names)?["status_history"] == expected)
        }
    }

    @Test func `takes an order that was read for newer than the events of its time`() throws {
        var mirror = MirroredOrder()
        mirror.merge(full: ["notes": "a", "business": ["id": 7], "store": ["id": 1]], lastUpdatedAt: time(1))
        mirror.merge(event(.updated, 1, sent: 9, ["notes": "b"]))
        #expect(order(mirror)?["notes"] == "a")
        #expect(order(mirror)?["business"] == ["id": 7] && order(mirror)?["store"] == store)
        let before = mirror
        mirror.merge(full: ["notes": (0..<56).reduce(1 as JSON) { inner, _ in [inner] }], lastUpdatedAt: time(2))
        mirror.merge(full: "notes", lastUpdatedAt: time(2))
        #expect(mirror == before)
    }

    @Test func `keeps a stored id, and takes an integer for a new order's`() throws {
        func new(_ reference: JSON, onto current: JSON? = nil) throws -> JSON? {
            try order(of: [event(.created, 0, ["id": reference])], onto: current)["id"]
        }
        let other = "019b7635-f000-7a05-8b05-000000000006"
        #expect(try new(70155) == 70155 && new("70155") == 70155)
        #expect(try new(.string(id.description.uppercased())) == .string(id.description))
        #expect(try new(.null) == .string(id.description) && new(.string(other)) == .string(id.description))
        #expect(try new(.string(id.description), onto: ["id": 70155]) == 70155)
        #expect(try new(70155, onto: ["id": .string(id.description)]) == .string(id.description))
    }

    @Test func `keeps its secret and the links with it, and begins with the other side's, else with the given one`() {
        var mirror = MirroredOrder()
        mirror.merge(event(.created, 0))
        #expect(order(mirror, onto: ["secret_slug": "stored"], slug: "given")?["secret_slug"] == "stored")
        #expect(order(mirror, onto: [:], slug: "given")?["secret_slug"] == "given")
        mirror.merge(event(.updated, 1, ["secret_slug": "theirs", "public_order_url": "https://shop.example/o/theirs"]))
        let new = order(mirror, onto: [:], slug: "given")
        #expect(new?["secret_slug"] == "theirs" && new?["public_order_url"] == "https://shop.example/o/theirs")
        let replaced = order(mirror, onto: ["secret_slug": "stored", "public_order_url": .null], slug: "given")
        #expect(replaced?["secret_slug"] == "stored" && replaced?["public_order_url"] == .null)
    }

    @Test func `has a customer made from its address, unless one is known`() throws {
        let address: JSON = ["name": "Siti", "phone": "620000000001", "email": "siti@example.com", "city": "Bogor"]
        let made: JSON = ["id": 7, "name": "Siti", "email": "siti@example.com", "phone": "620000000001"]
        let stored: JSON = ["id": 7, "name": "Siti Contoh", "email": "s@example.com", "last_updated_at": "2020-01-01T00:00:00Z"]
        let created = event(.created, 0, ["customer_id": 7, "destination_address": address])
        #expect(try order(of: [created])["customer"] == made)
        #expect(try order(of: [created], onto: ["customer": stored])["customer"] == stored)
        #expect(try order(of: [created], onto: ["customer": ["id": 8, "status": "confirmed"]])["customer"] == made)
        #expect(try order(of: [created], onto: ["customer": ["id": 7, "name": "before"]])["customer"] == made)
        #expect(try order(of: [created, event(.updated, 1, named: "event_2", ["customer_id": .null])])["customer"] == made)
        #expect(try order(of: [event(.created, 0)], onto: ["customer": stored])["customer"] == stored)
        #expect(try order(of: [event(.created, 0)])["customer"] == nil)
        #expect(try order(of: [event(.created, 0, ["customer_id": 7])], onto: ["customer": made])["customer"] == made)
        var mirror = MirroredOrder()
        mirror.merge(full: ["customer": stored], lastUpdatedAt: time(0))
        mirror.merge(event(.updated, 1, ["customer_id": "7", "destination_address": address]))
        #expect(order(mirror)?["customer"] == stored && order(mirror)?["customer_id"] == 7)
        mirror.merge(event(.updated, 2, ["customer_id": 8]))
        #expect(order(mirror)?["customer"] == made.replacing([("id", 8)]))
    }

    @Test func `has lines with the ids and the item types of those that were read, or with their positions`() throws {
        let lines: JSON = [
            ["product_name": "Kopi", "quantity": 1], ["product_name": "Teh", "quantity": 2],
            ["product_name": "Kopi", "quantity": 3],
        ]
        var mirror = MirroredOrder()
        mirror.merge(event(.created, 5, ["orderlines": lines]))
        func ids() -> [JSON?] {
            guard case .array(let lines)? = order(mirror)?["orderlines"] else { return [] }
            return lines.map { $0["id"] }
        }
        #expect(ids() == [1, 2, 3])
        let known: JSON = [
            ["id": 2, "product_name": "Kopi", "item_type": "physical", "quantity": 9],
            ["id": "701eaefd-b4c5-4f9a-bec2-cfc22c7ef496", "variant_unique_id": "v", "product_name": "Teh"],
        ]
        mirror.merge(full: ["orderlines": known], lastUpdatedAt: time(1))
        #expect(ids() == [2, "701eaefd-b4c5-4f9a-bec2-cfc22c7ef496", 3])
        guard case .array(let completed)? = order(mirror)?["orderlines"] else { return }
        #expect(completed[0] == ["id": 2, "product_name": "Kopi", "item_type": "physical", "quantity": 1])
        mirror.merge(event(.updated, 6, ["orderlines": [["product_name": "Teh", "variant_unique_id": "w"], "odd"]]))
        #expect(order(mirror)?["orderlines"] == [["id": 1, "product_name": "Teh", "variant_unique_id": "w"], "odd"])
        mirror.merge(full: ["orderlines": known], lastUpdatedAt: time(7))
        #expect(order(mirror)?["orderlines"] == known)
    }

    @Test func `has lines that are completed from the same product, at the same position if there are more`() {
        var mirror = MirroredOrder()
        mirror.merge(
            full: [
                "orderlines": [
                    ["id": 8, "product_name": "Kopi"],
                    ["id": 9, "product_name": "Kopi", "item_type": "digital", "discount": "0"],
                ]
            ], lastUpdatedAt: time(0))
        let kopi: JSON = ["id": "", "product_name": "Kopi", "item_type": .null, "discount": "5"]
        mirror.merge(event(.updated, 1, ["orderlines": [["product_name": "Teh"], kopi]]))
        #expect(
            order(mirror)?["orderlines"] == [
                ["id": 1, "product_name": "Teh"], ["id": 9, "product_name": "Kopi", "item_type": "digital", "discount": "5"],
            ])
    }

    @Test func `made of one event is accepted, and can be shown to its buyer`() throws {
        let made = try order(of: [
            event(
                .created, 0,
                [
                    "id": .string(id.description), "secret_slug": "slug", "status": "pending",
                    "pending_time": "2026-05-01T10:00:00Z",
                    "payment_status": "unpaid", "payment_method": "bank_transfer", "business": ["username": "toko"],
                    "store": ["name": "Toko"], "product_price": "10000.00", "gross_revenue": "10000.00", "shipping_cost": "0.00",
                    "customer_id": 7, "destination_address": ["name": "Siti", "email": "siti@example.com"],
                    "orderlines": [["quantity": 2, "product_name": "Kopi", "variant_price": "5000.00"]],
                    "created_at": "2026-05-01T10:00:00Z",
                ])
        ])
        let text = try JSONText(made.encoded)
        let accepted = try MerchantOrder(text)
        #expect(accepted.reference == .id(id) && accepted.storeID.text == "store_A" && accepted.unusable.isEmpty)
        #expect(accepted.customer.email?.text == "siti@example.com" && accepted.customer.lastUpdatedAt == nil)
        #expect(throws: Never.self) { try BuyerOrder.document(of: text, id: id) }
    }

    @Test func `keeps the stored fields that no event has`() throws {
        let order = try order(
            of: [event(.created, 0, ["status": "pending"])], onto: ["status": "draft", "platform": "scalev", "page": .null])
        #expect(order["status"] == "pending" && order["platform"] == "scalev" && order["page"] == .null)
    }

    @Test(
        arguments: [
            .null, [], [:], ["fields": [], "details": [], "history": []],
            ["completed_at": "x", "deleted_at": .null, "fields": [], "details": [], "history": []],
            ["completed_at": 1, "deleted_at": .null, "fields": [["at": 1]], "details": [], "history": []],
            [
                "completed_at": 1, "deleted_at": .null, "details": [], "history": [],
                "fields": [["at": 1, "rank": 9, "sent": 0, "event": "", "fields": [:]]],
            ],
        ] as [JSON])
    func `is read only from what it was stored as`(json: JSON) {
        #expect(MirroredOrder(json) == nil)
    }
}
