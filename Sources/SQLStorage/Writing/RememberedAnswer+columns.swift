import JSON
package import Orders

extension RememberedAnswer {
    /// The headers as stored: a JSON object.
    package var headersText: String {
        String(decoding: JSON.object(JSONObject(headers.map { ($0.name, .string($0.value)) })).encoded, as: UTF8.self)
    }

    /// Stores the answer of ``columns`` in place of one that has expired.
    package static let insertion = """
        INSERT INTO remembered_answer (store_id, key, digest, status, headers, body, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (store_id, key) DO UPDATE SET
            digest = excluded.digest, status = excluded.status, headers = excluded.headers, body = excluded.body,
            expires_at = excluded.expires_at
        """

    /// The parameters of ``insertion``.
    package var columns: [StoredValue] {
        [
            .text(key.storeID.text), .text(key.text), .bytes(digest), .integer(Int64(status)), .text(headersText), .bytes(body),
            .time(expiresAt),
        ]
    }

    /// An answer in the columns `digest`, `status`, `headers`, `body` and `expires_at`.
    /// - Throws: ``StorageFailure/damaged``.
    init(_ key: RequestKey, _ row: StoredRow) throws(StorageFailure) {
        guard case .object(let headers)? = try? JSON(parsing: Array(try row[2].requiredText().utf8)) else { throw .damaged }
        self.init(
            key: key, digest: try row[0].requiredBytes(), status: Int(try row[1].requiredInteger()),
            headers: headers.members.compactMap { name, value in
                if case .string(let text) = value { Header(name: name, value: text) } else { nil }
            }, body: try row[3].requiredBytes(), expiresAt: Timestamp(microseconds: try row[4].requiredInteger()))
    }
}
