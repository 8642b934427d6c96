package import Orders

/// Everything that merchants' systems write beside orders: their stores, who has access to them, their
/// customers, and where events are sent.
package protocol MerchantStorage: AccountStorage, StoreStorage, WebhookStorage {
    /// Does what a request asks for and remembers the answer, in one transaction, unless the request has been answered before. Requests of a store
    /// take turns, and so do writes of its orders. If `perform` throws, that is thrown, and nothing was written.
    /// - Parameter perform: makes the answer. It reads and writes only with the storage that it is given, and is run again if another transaction
    ///   interferes.
    /// - Returns: the answer to this request, or else to the earlier one with the same key.
    func once(
        _ key: RequestKey, at time: Timestamp,
        _ perform: @escaping @Sendable (any MerchantStorage) async throws -> RememberedAnswer
    ) async throws -> RememberedAnswer
}
