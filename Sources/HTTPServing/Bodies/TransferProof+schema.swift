package import JSON
package import Orders

extension TransferProof {
    /// The schema of ``json(of:)``.
    package static let schema: JSON = {
        let (text, time): (JSON, JSON) = (.optionalText, ["type": ["string", "null"], "format": "date-time"])
        return .closedObject(
            "What became of a proof of transfer.",
            [
                ("state", ["enum": .array(State.allCases.map { .string($0.rawValue) } + [.null])]), ("reason", text),
                ("file_url", ["type": ["string", "null"], "format": "uri"]), ("content_type", text),
                ("size_in_bytes", ["type": ["integer", "null"]]), ("received_at", time), ("decided_at", time),
            ])
    }()
}
