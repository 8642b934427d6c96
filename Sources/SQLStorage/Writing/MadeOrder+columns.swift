package import Orders

extension MadeOrder {
    /// The statement that notes what has become of an order, with ``columns(in:at:)``.
    ///
    /// The order stays to be made if more of it is known by now. What another process has made since stays noted.
    package static let note = """
        UPDATE mirror_order SET
            order_id = coalesce($4, order_id), version = CASE WHEN version >= $5 THEN version ELSE coalesce($5, version) END,
            failure = CASE WHEN revision = $3 THEN $6 ELSE failure END,
            failed_at = CASE WHEN revision = $3 THEN $7 ELSE failed_at END,
            pending_since = CASE WHEN revision = $3 THEN NULL ELSE pending_since END
        WHERE store_id = $1 AND number = $2
        """

    /// The parameters of ``note``.
    package func columns(in storeID: StoreID, at time: Timestamp) -> [StoredValue] {
        [
            .text(storeID.text), .text(source.number), .integer(source.revision),
            made.map { .bytes($0.id.uuid.bytes) } ?? .null, StoredValue(made?.version),
            StoredValue(refusal?.description), refusal == nil ? .null : .time(time),
        ]
    }
}
