/// A limit was exceeded; the answer's header states it.
package struct LimitReached: Error {
    let allowance: Allowance
    let seconds: Int64
}

extension Allowance {
    /// - Throws: ``LimitReached``.
    package func check() throws(LimitReached) {
        if let retryAfter { throw LimitReached(allowance: self, seconds: retryAfter) }
    }

    /// Appends the header fields that state the limit (`api.md`).
    package func appendFields(to fields: inout some HeaderFieldList) {
        fields.append("X-Ratelimit-Limit", limit)
        fields.append("X-Ratelimit-Remaining", remaining)
        fields.append("X-Ratelimit-Reset", reset)
    }
}
