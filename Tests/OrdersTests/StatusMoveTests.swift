import JSON
import TestFixtures
import Testing

@testable import Orders

@Suite struct `A move of an order` {
    private let time = Timestamp("2026-05-01T10:00:00Z")!

    @Test(arguments: [
        ("draft", "pending confirmed in_process ready shipped completed canceled"),
        ("pending", "draft confirmed in_process ready shipped completed canceled"),
        ("confirmed", "draft pending in_process ready shipped completed canceled"),
        ("in_process", "draft pending confirmed ready shipped completed canceled"),
        ("ready", "draft pending confirmed in_process shipped completed canceled"),
        ("shipped", "draft pending confirmed in_process ready completed rts"), ("shipped_rts", "shipped completed rts"),
        ("completed", "ready shipped rts closed"), ("rts", "in_process ready shipped completed canceled closed"),
        ("canceled", "draft pending confirmed in_process ready closed"), ("closed", "completed rts canceled"),
    ])
    func `is allowed by the table of statuses`(from: String, to: String) throws {
        let allowed = StatusMoves.allowed(from: try #require(OrderStatus(rawValue: from))).map(\.rawValue)
        #expect(allowed == to.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        (nil, "unpaid paid conflict settled"), ("unpaid", "paid conflict settled"), ("paid", "unpaid conflict settled"),
        ("conflict", "unpaid paid"), ("settled", "paid"),
    ])
    func `is allowed by the table of payment statuses`(from: String?, to: String) {
        let allowed = StatusMoves.allowed(from: from.flatMap { PaymentStatus(rawValue: $0) }).map(\.rawValue)
        #expect(allowed == to.split(separator: " ").map(String.init))
    }

    private func order(_ changes: [String: JSON] = [:]) -> CurrentOrder {
        let id = OrderID("019b7635-f000-7a05-8b05-000000000005")!
        return CurrentOrder(id: id, version: 1, document: Fixture.order(id: .string(id.description), changes).encoded)
    }

    @Test func `sets the status, its time and its history, and nothing else`() throws {
        let before = order(["status_history": [["status": "pending", "time": "2026-02-01T08:00:00Z", "by": .null]]])
        let after = try #require(
            try StatusChange(status: .inProcess, paymentStatus: .paid, by: "Budi").applied(to: before, at: time))
        #expect(after["status"] == "in_process" && after["in_process_time"] == "2026-05-01T10:00:00Z")
        #expect(after["payment_status"] == "paid" && after["paid_time"] == "2026-05-01T10:00:00Z")
        #expect(after["last_updated_at"] == "2026-05-01T10:00:00Z")
        #expect(
            after["status_history"] == [
                ["status": "pending", "time": "2026-02-01T08:00:00Z", "by": .null],
                ["status": "in_process", "time": "2026-05-01T10:00:00Z", "by": "Budi"],
            ])
        #expect(after["payment_status_history"] == [["status": "paid", "time": "2026-05-01T10:00:00Z", "by": "Budi"]])
        let json = try JSON(parsing: before.document)
        for name in ["id", "customer", "gross_revenue", "created_at", "store"] { #expect(after[name] == json[name]) }
    }

    @Test func `to where the order is already is none`() throws {
        #expect(try StatusChange(status: .pending, paymentStatus: .unpaid, by: nil).applied(to: order(), at: time) == nil)
        #expect(try StatusChange(status: nil, paymentStatus: nil, by: nil).applied(to: order(), at: time) == nil)
    }

    @Test func `that is not in the table is refused, and says what is`() throws {
        #expect(
            throws: StatusChange.NotAllowed(field: "status", from: "closed", allowed: ["completed", "rts", "canceled"])
        ) {
            try StatusChange(status: .pending, paymentStatus: nil, by: nil).applied(to: order(["status": "closed"]), at: time)
        }
        #expect(throws: StatusChange.NotAllowed(field: "payment_status", from: "settled", allowed: ["paid"])) {
            try StatusChange(status: .ready, paymentStatus: .unpaid, by: nil).applied(
                to: order(["payment_status": "settled"]), at: time)
        }
    }

    @Test func `is newer than the order, whatever the clock says`() throws {
        let after = try StatusChange(status: .ready, paymentStatus: nil, by: nil).applied(
            to: order(["last_updated_at": "2030-01-01T00:00:00Z"]), at: time)
        #expect(after?["last_updated_at"] == "2030-01-01T00:00:00.000001Z")
        #expect(after?["ready_time"] == "2026-05-01T10:00:00Z")
        let last = try StatusChange(status: .ready, paymentStatus: nil, by: nil).applied(
            to: order(["last_updated_at": "9999-12-31T23:59:59.999999Z"]), at: time)
        #expect(last?["last_updated_at"] == "9999-12-31T23:59:59.999999Z")
    }

    @Test func `keeps a history, or refuses an order whose history is none`() throws {
        for empty in [JSON.null, "", .object(JSONObject([])), []] {
            let moved = try StatusChange(status: nil, paymentStatus: .paid, by: nil).applied(
                to: order(["payment_status_history": empty]), at: time)
            #expect(moved?["payment_status_history"] == [["status": "paid", "time": "2026-05-01T10:00:00Z", "by": .null]])
        }
        for odd in ["unpaid", ["0": "unpaid"], 1] as [JSON] {
            #expect(throws: Refusal("payment_status_history", "is not a list")) {
                try StatusChange(status: nil, paymentStatus: .paid, by: nil).applied(
                    to: order(["payment_status_history": odd]), at: time)
            }
        }
    }
}
