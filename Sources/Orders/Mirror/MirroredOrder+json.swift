package import JSON

extension MirroredOrder {
    /// Everything known, to be stored; times are microseconds since 1970.
    package var json: JSON {
        [
            "completed_at": Self.json(completedAt), "deleted_at": Self.json(deletedAt), "fields": fields.json,
            "details": details.json, "history": history.json,
        ]
    }

    /// Reads what ``json`` gave; `nil` for anything else.
    package init?(_ json: JSON) {
        guard
            let fields = MirroredFields(json["fields"]), let details = MirroredFields(json["details"]),
            case .array(let history)? = json["history"], let completedAt = Self.time(json["completed_at"]),
            let deletedAt = Self.time(json["deleted_at"])
        else { return nil }
        self.init()
        self.fields = fields
        self.details = details
        self.history.formUnion(.array(history))
        self.completedAt = completedAt
        self.deletedAt = deletedAt
    }

    private static func json(_ time: Timestamp?) -> JSON { time.map { .number(String($0.microseconds)) } ?? .null }

    /// `nil` if it is neither a time nor `null`.
    private static func time(_ json: JSON?) -> Timestamp?? {
        guard let json else { return nil }
        if json == .null { return .some(nil) }
        return json.integer.map { Timestamp(microseconds: $0) }
    }
}
