package import Orders

/// Lets writes that come at the same time share one transaction, and so one wait for the disk.
///
/// Whether a write is refused is planned before anything is written (``WritePlan``), so that one write never rolls back another.
package final class SharedWrites: Sendable {
    /// Writes that may share a transaction.
    private enum Group: Hashable, Sendable {
        case all
        case stores(Set<StoreID>)
    }

    private let batches = Batches<Group, OrderWrite, OrderWriteResult>(maximumSize: 256) { $0.changes.count }
    private let perStore: Bool

    /// Runs writes as one transaction.
    package typealias Transaction = @Sendable ([OrderWrite]) async throws -> [OrderWriteResult]

    /// - Parameter perStore: whether transactions of different stores can be in progress at the same time.
    package init(perStore: Bool) { self.perStore = perStore }

    /// Writes, and returns after the transaction is on disk.
    /// - Throws: ``StorageFailure/busy`` if too many wait already; whatever `run` throws.
    package func write(_ write: OrderWrite, _ run: @escaping Transaction) async throws -> OrderWriteResult {
        try await batches.add(write, to: perStore ? .stores(write.stores) : .all, run)
    }
}
