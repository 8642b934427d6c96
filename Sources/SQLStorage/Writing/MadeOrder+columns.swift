package import Orders

extension MadeOrder {
    /// The statement that notes what has become of an order, with ``columns(in:at:)``.
    ///
    /// The order stays to be made if more of it is known by now.
    package static let note = """
        UPDATE mirror_order SET
            order_id = coalesce($4, order_id), version = coalesce($5, version), failure = $6,
            failed_at = $7,
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
