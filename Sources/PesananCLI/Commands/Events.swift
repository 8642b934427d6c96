import ArgumentParser
import JSON
import Orders

/// `pesanan events`
struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the events of a store's orders, oldest first: what changed, from what to what, by whom and when.",
        discussion: """
            Each event has a position in its store. To continue after the last one you have seen, pass its position as --after.
            """ + "\n\n"
                + examples(
                    "pesanan events --store store_A --follow",
                    "pesanan events --store store_A --order 019ada79-b668-7ae6-8117-2a5f565f49ec",
                    "pesanan events --store store_A --after 1000 --json"))

    @Option(help: "The store's unique_id.")
    var store: String

    @Option(help: "Print the events of this order only: its id, or the integer id it had before it was migrated.")
    var order: String?

    @Option(help: "Start after this position, or with --order after this number of the order's events.")
    var after: Int64 = 0

    @Flag(help: "Keep running, and print new events as they happen.")
    var follow = false

    @Flag(help: "Print one JSON object per line.")
    var json = false

    @OptionGroup var data: DataOptions

    private static let pageSize = 1000
    private static let pause = Duration.milliseconds(250)

    func validate() throws {
        guard order.map({ OrderName($0) != nil }) ?? true else {
            throw ValidationError("--order must be an order's id, or the integer id of a migrated order")
        }
        guard after >= 0 else { throw ValidationError("--after must be 0 or more") }
    }

    func run() async throws {
        let installation = try await Installation(data.settings(), for: .existing)
        let storage = installation.storage
        let storeID = try await installation.storeID(store)
        let orderID = try await orderID(storage, storeID)
        var after = after
        while true {
            let events: [OrderEvent]
            if let orderID {
                events = try await storage.events(of: orderID, in: storeID, after: after, limit: Self.pageSize)
            } else {
                events = try await storage.events(of: storeID, after: after, limit: Self.pageSize)
            }
            for event in events { say((json ? String(decoding: event.json.encoded, as: UTF8.self) : event.line) + "\n") }
            if let last = events.last { after = orderID == nil ? last.position : last.number }
            guard events.count < Self.pageSize else { continue }
            guard follow else { return }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func orderID(_ storage: any OrderStorage, _ storeID: StoreID) async throws -> OrderID? {
        guard let reference = order.flatMap({ OrderName($0) }) else { return nil }
        guard let current = try await storage.currentOrder(reference, in: storeID) else {
            throw OperatorError("the store has no such order")
        }
        return current.id
    }
}

extension OrderEvent {
    /// A line for people.
    fileprivate var line: String {
        var parts = ["\(position)", "\(at)", "\(orderID)", "#\(number)", kind.rawValue]
        if let status { parts.append("status \(status.words)") }
        if let paymentStatus { parts.append("payment_status \(paymentStatus.words)") }
        return (parts + ["by \(actor.rawValue)"]).joined(separator: "  ")
    }
}

extension OrderEvent.Transition where Value: RawRepresentable<String> {
    fileprivate var words: String { "\(from?.rawValue ?? "none") -> \(to?.rawValue ?? "none")" }
}
