/// Where a parcel is, in one vocabulary for all couriers.
///
/// | courier's words have, in the first row that fits | status |
/// | --- | --- |
/// | `returned`, `rts`, `dikembalikan` | `returned` |
/// | `return`, `retur` | `returning` |
/// | `undelivered`, `not delivered`, `belum diterima`, `failed`, `gagal`, `problem` | `attempt_failed` |
/// | `diterima di`, `received at` | `in_transit` |
/// | `delivered`, `diterima`, `terkirim`, `completed` | `delivered` |
/// | `out for delivery`, `on delivery`, `with courier`, `dibawa kurir`, `diantar`, `pengantaran` | `out_for_delivery` |
/// | `picked`, `pickup`, `dijemput`, `diambil` | `picked_up` |
/// | `transit`, `process`, `shipped`, `departed`, `arrived`, `tiba`, `dikirim`, `on the way` | `in_transit` |
/// | `pending`, `created`, `manifest`, `confirmed`, `ready`, `booked` | `registered` |
package enum ParcelStatus: String, CaseIterable, Sendable {
    case registered
    case pickedUp = "picked_up"
    case inTransit = "in_transit"
    case outForDelivery = "out_for_delivery"
    case delivered
    case attemptFailed = "attempt_failed"
    case returning, returned

    private static let words: [(status: ParcelStatus, words: [String])] = [
        (.returned, ["returned", "dikembalikan"]), (.returning, ["return", "retur", "shipped rts"]),
        (.attemptFailed, ["undelivered", "not delivered", "belum diterima", "failed", "gagal", "problem"]),
        (.inTransit, ["diterima di", "received at"]), (.delivered, ["delivered", "diterima", "terkirim", "completed"]),
        (.outForDelivery, ["out for delivery", "on delivery", "with courier", "dibawa kurir", "diantar", "pengantaran"]),
        (.pickedUp, ["picked", "pickup", "pick up", "dijemput", "diambil"]),
        (.inTransit, ["transit", "on process", "in process", "shipped", "departed", "arrived", "tiba", "dikirim", "on the way"]),
        (.registered, ["pending", "created", "manifest", "confirmed", "ready", "booked"]),
    ]

    /// What a courier's words mean; `nil` if nobody knows.
    package init?(courierWords text: String) {
        let text = text.lowercased().replacing("_", with: " ").replacing("-", with: " ")
        if text == "rts" {
            self = .returned
            return
        }
        guard let found = Self.words.first(where: { row in row.words.contains { text.contains($0) } }) else { return nil }
        self = found.status
    }

    /// Where the parcel of an order in this status is, if nothing else is known; `nil` if it is not on its way.
    package init?(of status: OrderStatus) {
        switch status {
        case .shipped: self = .inTransit
        case .completed: self = .delivered
        case .shippedRTS: self = .returning
        case .rts: self = .returned
        case .draft, .pending, .confirmed, .inProcess, .ready, .canceled, .closed: return nil
        }
    }
}
