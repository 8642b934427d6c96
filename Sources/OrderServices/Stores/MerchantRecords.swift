package import Accounts
package import Orders

/// What a merchant's systems keep beside orders: the store, its customers and their addresses, and where events are sent.
package struct MerchantRecords: Sendable {
    package let stores: MerchantStores
    package let customers: MerchantCustomers
    /// Addresses, which customers keep themselves too.
    package let addresses: Customers
    package let webhooks: MerchantWebhooks
    private let storage: any MerchantStorage
    private let now: @Sendable () -> Timestamp

    package init(storage: any MerchantStorage, now: @escaping @Sendable () -> Timestamp = { .now }) {
        stores = MerchantStores(storage: storage, now: now)
        customers = MerchantCustomers(storage: storage, now: now)
        addresses = Customers(storage: storage, now: now)
        webhooks = MerchantWebhooks(storage: storage, now: now)
        self.storage = storage
        self.now = now
    }

    /// Does what a request asks for, once: it is all written together with the answer, or nothing is.
    /// - Parameter perform: makes the answer at a time. It reads and writes only with the records that it is given, and may be run again.
    /// - Returns: the answer to this request, or else to an earlier one of the last day with the same key.
    /// - Throws: what `perform` throws; ``StorageFailure``.
    package func once(
        _ key: RequestKey, _ perform: @escaping @Sendable (MerchantRecords, Timestamp) async throws -> RememberedAnswer
    ) async throws -> RememberedAnswer {
        let (time, now) = (now(), now)
        return try await storage.once(key, at: time) { try await perform(MerchantRecords(storage: $0, now: now), time) }
    }
}
