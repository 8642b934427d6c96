import JSON
import TestFixtures
import Testing

@testable import Orders

@Suite struct `Where a parcel is` {
    private func tracking(_ changes: [String: JSON]) -> Tracking { Tracking(of: Fixture.order(id: 1, changes)) }

    private static let checkpoints: JSON = [
        [
            "status": "picked_up", "description": "Paket diambil kurir", "timestamp": "2026-02-02T01:00:00Z",
            "operator": "INTERNAL",
        ],
        ["status": "delivered", "description": "Diterima oleh Siti", "at": "2026-02-04T01:00:00Z"],
        ["status": "in_transit", "description": "Tiba di Bandung", "timestamp": "2026-02-03T08:00:00+07:00"],
    ]

    @Test func `is told by its checkpoints, the newest first, in one vocabulary beside the courier's words`() {
        let tracking = tracking([
            "shipment_status_history": Self.checkpoints, "status": "shipped", "shipped_time": "2026-02-02T00:00:00Z",
        ])
        #expect(tracking.checkpoints.map(\.status) == [.delivered, .inTransit, .pickedUp])
        #expect(tracking.checkpoints[1].courierStatus == "in_transit" && tracking.checkpoints[1].description == "Tiba di Bandung")
        #expect(tracking.checkpoints[1].at == Timestamp("2026-02-03T01:00:00Z"))
        #expect(
            tracking.status == .delivered && tracking.deliveredAt == Timestamp("2026-02-04T01:00:00Z") && !tracking.isOnItsWay)
        let json = tracking.json(estimate: nil)
        #expect(JSONSchema(Tracking.schema).violations(of: json) == [])
        #expect(!String(decoding: json.encoded, as: UTF8.self).contains("INTERNAL"))
    }

    @Test(
        arguments: [
            ("draft", nil, nil), ("shipped", nil, .inTransit), ("completed", nil, .delivered), ("rts", nil, .returned),
            ("shipped_rts", nil, .returning), ("ready", "JNE1", .registered), ("canceled", nil, nil),
        ] as [(JSON, JSON?, ParcelStatus?)])
    func `is told by the order where the courier says nothing`(status: JSON, receipt: JSON?, expected: ParcelStatus?) {
        #expect(tracking(["status": status, "shipment_receipt": receipt ?? .null]).status == expected)
    }

    @Test func `is where its merchant says, once it has come to an end`() {
        #expect(tracking(["shipment_status_history": [["status": "in_transit"]], "status": "completed"]).status == .delivered)
        #expect(tracking(["shipment_status_history": [["status": "in_transit"]], "status": "rts"]).status == .returned)
        #expect(tracking(["shipment_status_history": [["status": "ON PROCESS"]], "status": "shipped_rts"]).status == .returning)
        #expect(tracking(["shipment_status_history": [["status": "delivered"]], "status": "shipped_rts"]).status == .returned)
        #expect(
            tracking(["shipment_status_history": [["status": "OUT-FOR-DELIVERY"]], "status": "shipped"]).status == .outForDelivery
        )
    }

    @Test(arguments: [
        ("picked_up", ParcelStatus.pickedUp), ("IN TRANSIT", .inTransit), ("on_process", .inTransit), ("Delivered", .delivered),
        ("undelivered", .attemptFailed), ("Paket gagal dikirim", .attemptFailed), ("Paket dibawa kurir", .outForDelivery),
        ("Return to sender", .returning), ("RTS", .returned), ("returned", .returned), ("shipped_rts", .returning),
        ("Paket telah diterima", .delivered), ("Paket telah diterima di gudang JAKARTA", .inTransit),
        ("Paket belum diterima", .attemptFailed), ("Paket telah diterima di gudang JAKARTA", .inTransit),
        ("Paket belum diterima", .attemptFailed), ("manifested", .registered), ("ready", .registered), ("completed", .delivered),
        ("Paket tiba di gudang", .inTransit), ("pickup", .pickedUp),
    ])
    func `is understood in couriers' words`(words: String, status: ParcelStatus) {
        #expect(ParcelStatus(courierWords: words) == status)
    }

    @Test(arguments: ["", "???", "parts", "alert"])
    func `is nowhere if nobody understands the words`(words: String) { #expect(ParcelStatus(courierWords: words) == nil) }

    @Test(arguments: [
        ("JNE", "jne", "https://jne.co.id/tracking-package"), ("J&T Express", "jnt", "https://jet.co.id/track"),
        ("jnt", "jnt", "https://jet.co.id/track"),
        ("SiCepat Ekspres", "sicepat", "https://www.sicepat.com/checkAwb"),
        ("Ninja Xpress", "ninja", "https://www.ninjaxpress.co/id-id/tracking?id=NX-1"),
        ("AnterAja", "anteraja", "https://anteraja.id/tracking"),
        ("POS Indonesia", "pos", "https://www.posindonesia.co.id/id/tracking/NX-1"),
        ("ID Express", "ide", "https://idexpress.com/lacak-paket"),
        ("Lion Parcel", "lion", "https://lionparcel.com/track/stt?q=NX-1"),
        ("SAP Express", "sap", "https://www.sap-express.id/track"),
        ("Wahana", "wahana", "https://www.wahana.com/lacak-kiriman"),
    ])
    func `is followed on the page of its courier`(name: String, code: String, page: String) {
        let tracking = tracking([
            "courier_service": ["name": "REG", "courier": ["name": .string(name)]], "shipment_receipt": "NX-1",
        ])
        #expect(tracking.courierCode == code && tracking.url == page && tracking.receipt == "NX-1" && tracking.service == "REG")
        #expect(Courier.all.count == 10)
    }

    @Test func `is followed nowhere without a number or a known courier, and no number leads elsewhere`() {
        let ninja: JSON = ["courier": ["code": "ninja"]]
        #expect(tracking(["courier_service": ninja]).url == nil)
        #expect(tracking(["courier_service": ["courier": ["code": "gosend"]], "shipment_receipt": "1"]).url == nil)
        let odd = tracking(["courier_service": ninja, "shipment_receipt": "1&x=<script>"])
        #expect(odd.url == "https://www.ninjaxpress.co/id-id/tracking" && odd.receipt == "1&x=<script>")
        #expect(tracking(["courier_service": .null]).json(estimate: nil)["tracking_url"] == .null)
    }
}
