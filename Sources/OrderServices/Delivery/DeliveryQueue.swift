/// What is to be delivered to receivers: mails, for example. ``DeliveryWorker`` takes it from here.
package protocol DeliveryQueue: Sendable {
    associatedtype Item: Sendable
    /// Whom items compete with each other for: no receiver holds up another.
    associatedtype Receiver: Hashable & Sendable

    func receiver(of item: Item) -> Receiver

    /// Claims items that are due, the receivers in turn. Nobody else is given them until their lease has expired.
    /// - Parameters:
    ///   - limit: the maximum number of items.
    ///   - perReceiver: the maximum number for one receiver, those that are under way included.
    ///   - busy: how many are under way for each receiver.
    func claim(_ limit: Int, perReceiver: Int, busy: [Receiver: Int]) async throws -> [Item]

    /// Delivers an item, and records what became of it: done, failed for good, or to be tried again later.
    /// - Throws: what keeps it from being recorded. Then it is due again when its lease has expired.
    func deliver(_ item: Item) async throws
}
