/// A queue of items to deliver to receivers, such as mails. ``DeliveryWorker`` delivers them.
package protocol DeliveryQueue: Sendable {
    associatedtype Item: Sendable
    /// Items compete only with others of the same receiver, so that no receiver delays another.
    associatedtype Receiver: Hashable & Sendable

    func receiver(of item: Item) -> Receiver

    /// Claims items that are due, alternating between receivers. Nobody else can claim them until their lease has expired.
    /// - Parameters:
    ///   - limit: the maximum number of items.
    ///   - perReceiver: the maximum number of items of one receiver, including those in progress.
    ///   - busy: the number of items in progress for each receiver.
    func claim(_ limit: Int, perReceiver: Int, busy: [Receiver: Int]) async throws -> [Item]

    /// Delivers an item and records its outcome: delivered, failed for good, or to be retried later.
    /// - Throws: any error that prevents recording the outcome. The item is then due again when its lease has expired.
    func deliver(_ item: Item) async throws
}
