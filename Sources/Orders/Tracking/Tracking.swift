package import JSON

/// Where the parcel of an order is. Derived each time, never stored.
package struct Tracking: Equatable, Sendable {
    package struct Checkpoint: Equatable, Sendable {
        /// `nil` if nobody knows what the courier's words mean.
        package let status: ParcelStatus?
        /// The courier's own words.
        package let courierStatus: String?
        package let description: String?
        package let at: Timestamp?
    }

    package let courierCode: String?
    package let courierName: String?
    package let service: String?
    /// The number of the parcel.
    package let receipt: String?
    /// The courier's page for the parcel; `nil` if the courier is not known, or there is no number yet.
    package let url: String?
    package let status: ParcelStatus?
    /// The newest first.
    package let checkpoints: [Checkpoint]
    package let shippedAt: Timestamp?

    /// - Parameter order: the merchant's order.
    package init(of order: JSON) {
        let (service, courier) = (order["courier_service"] ?? .null, order["courier_service"]?["courier"] ?? .null)
        let known = ["code", "name"].lazy.compactMap { courier.shownText($0) }.compactMap { Courier.named($0) }.first
        courierCode = known?.code ?? courier.shownText("code")
        courierName = courier.shownText("name") ?? known?.name
        self.service = service.shownText("name") ?? service.shownText("code")
        receipt = order.shownText("shipment_receipt")
        url = receipt.flatMap { receipt in known?.page(for: receipt) }
        shippedAt = order.optionalText("shipped_time").flatMap { Timestamp($0) }
        var found: [Checkpoint] = []
        if case .array(let entries)? = order["shipment_status_history"] {
            for entry in entries {
                let (words, description) = (entry.shownText("status"), entry.shownText("description"))
                found.append(
                    Checkpoint(
                        status: words.flatMap { ParcelStatus(courierWords: $0) }
                            ?? description.flatMap { ParcelStatus(courierWords: $0) },
                        courierStatus: words, description: description,
                        at: (entry.optionalText("at") ?? entry.optionalText("timestamp")).flatMap { Timestamp($0) }))
            }
        }
        // Those of one time stay in their order, reversed: couriers append.
        checkpoints = found.enumerated().sorted { left, right in
            let (first, second) = (left.element.at?.microseconds ?? .min, right.element.at?.microseconds ?? .min)
            return first == second ? left.offset > right.offset : first > second
        }.map(\.element)
        let ofOrder = order.statuses.status.flatMap { ParcelStatus(of: $0) }
        let newest = checkpoints.lazy.compactMap(\.status).first
        // The merchant has the last word about what has come to an end.
        status =
            switch ofOrder {
            case .delivered?, .returned?: ofOrder
            // What has arrived has arrived at the seller.
            case .returning?: newest == .returned || newest == .delivered ? .returned : .returning
            default: newest ?? ofOrder ?? (receipt == nil ? nil : .registered)
            }
    }

    /// Whether it still is to arrive.
    package var isOnItsWay: Bool {
        switch status {
        case .registered, .pickedUp, .inTransit, .outForDelivery, .attemptFailed: shippedAt != nil
        case .delivered, .returning, .returned, nil: false
        }
    }

    /// When it arrived: at the checkpoint that says so.
    package var deliveredAt: Timestamp? { checkpoints.first { $0.status == .delivered }?.at }

    /// - Parameter estimate: when it may arrive, from and until; `nil` if nobody knows.
    package func json(estimate: (from: Timestamp, until: Timestamp)?) -> JSON {
        let checkpoints = checkpoints.map { checkpoint in
            [
                "status": JSON(checkpoint.status?.rawValue), "courier_status": JSON(checkpoint.courierStatus),
                "description": JSON(checkpoint.description), "at": JSON(checkpoint.at?.description),
            ] as JSON
        }
        return [
            "courier_code": JSON(courierCode), "courier_name": JSON(courierName), "service": JSON(service),
            "receipt": JSON(receipt),
            "tracking_url": JSON(url), "status": JSON(status?.rawValue), "shipped_at": JSON(shippedAt?.description),
            "delivered_at": JSON(deliveredAt?.description),
            "estimated_delivery": estimate.map { ["from": .string($0.from.description), "until": .string($0.until.description)] }
                ?? .null,
            "checkpoints": .array(checkpoints),
        ]
    }

    package static let schema: JSON = {
        let (text, time): (JSON, JSON) = (["type": ["string", "null"]], ["type": ["string", "null"], "format": "date-time"])
        let status: JSON = ["enum": .array(ParcelStatus.allCases.map { .string($0.rawValue) } + [.null])]
        let moment: JSON = ["type": "string", "format": "date-time"]
        func object(_ type: JSON, _ properties: [(String, JSON)]) -> JSON {
            [
                "type": type, "additionalProperties": false, "required": .array(properties.map { .string($0.0) }),
                "properties": .object(JSONObject(properties)),
            ]
        }
        let checkpoint = object("object", [("status", status), ("courier_status", text), ("description", text), ("at", time)])
        return object(
            "object",
            [
                ("courier_code", text), ("courier_name", text), ("service", text), ("receipt", text),
                ("tracking_url", ["type": ["string", "null"], "format": "uri"]), ("status", status), ("shipped_at", time),
                ("delivered_at", time),
                ("estimated_delivery", object(["object", "null"], [("from", moment), ("until", moment)])),
                ("checkpoints", ["type": "array", "items": checkpoint]),
            ])
    }()
}
