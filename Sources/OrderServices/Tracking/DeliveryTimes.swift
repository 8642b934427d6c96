import JSON
import Orders
import Synchronization

/// How long a store's parcels take, by courier service and province, from those that have arrived.
///
/// It is read once an hour for each store: a parcel's time is a matter of days.
final class DeliveryTimes: Sendable {
    private struct Route: Hashable {
        let courier: String
        let service: String
        let province: String

        /// `nil` if any of it is not known.
        init?(_ tracking: Tracking, _ order: JSON) {
            guard let courier = tracking.courierCode, let service = tracking.service,
                let province = order["destination_address"]?.optionalText("province"), !province.isEmpty
            else { return nil }
            (self.courier, self.service, self.province) = (courier, service, province.lowercased())
        }
    }

    private struct Known {
        let readAt: Timestamp
        /// In seconds, in ascending order.
        let times: [Route: [Int64]]
    }

    private let storage: any OrderStorage
    private let known = Mutex<[StoreID: Known]>([:])

    /// So many of the newest completed orders are read.
    private static let pages = 8
    /// Fewer parcels say nothing.
    private static let fewest = 5
    private static let lifetime: Int64 = 3600

    init(storage: any OrderStorage) { self.storage = storage }

    /// When a parcel that is on its way may arrive: most of those of its route took no less and no more.
    /// - Returns: `nil` if it is not on its way, or too few have gone the same way.
    /// - Throws: ``StorageFailure``.
    func estimate(
        for tracking: Tracking, of order: JSON, in storeID: StoreID, at time: Timestamp
    ) async throws -> (from: Timestamp, until: Timestamp)? {
        guard tracking.isOnItsWay, let shippedAt = tracking.shippedAt, let route = Route(tracking, order) else { return nil }
        let times = try await times(of: storeID, at: time)[route] ?? []
        guard times.count >= Self.fewest else { return nil }
        let (from, until) = (times[times.count / 10], times[(times.count - 1) * 9 / 10])
        // One that is later than most says nothing about when it comes.
        guard shippedAt.adding(seconds: until) > time else { return nil }
        return (shippedAt.adding(seconds: from), shippedAt.adding(seconds: until))
    }

    private func times(of storeID: StoreID, at time: Timestamp) async throws -> [Route: [Int64]] {
        if let known = known.withLock({ $0[storeID] }), time < known.readAt.adding(seconds: Self.lifetime) { return known.times }
        var times: [Route: [Int64]] = [:]
        var filter = OrderFilter()
        filter.status = .completed
        var position = PageRequest.Position.newest
        for _ in 0..<Self.pages {
            let page = try await storage.list(PageRequest(position: position), of: storeID, where: filter)
            for order in try await storage.currentOrders(page.ids.map { .id($0) }, in: storeID).compactMap(\.self) {
                guard let json = try? order.json else { continue }
                let tracking = Tracking(of: json)
                guard let route = Route(tracking, json), let shippedAt = tracking.shippedAt,
                    let deliveredAt = tracking.deliveredAt,
                    shippedAt < deliveredAt
                else { continue }
                times[route, default: []].append(deliveredAt.seconds - shippedAt.seconds)
            }
            guard page.hasNext, let last = page.ids.last else { break }
            position = .olderThan(last)
        }
        let known = Known(readAt: time, times: times.mapValues { $0.sorted() })
        self.known.withLock { $0[storeID] = known }
        return known.times
    }
}
