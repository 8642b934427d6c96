import JSON
package import Orders

extension RememberedAnswer {
    /// The headers as stored: a JSON object.
    package var headersText: String {
        String(decoding: JSON.object(JSONObject(headers.map { ($0.name, .string($0.value)) })).encoded, as: UTF8.self)
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
