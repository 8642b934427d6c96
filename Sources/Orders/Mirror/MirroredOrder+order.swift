package import JSON

extension MirroredOrder {
    /// The merchant's order, in the form of an import; `nil` while no whole order has come, and once it is deleted.
    /// - Parameters:
    ///   - current: the order as stored, whose other fields are kept; `nil` if there is none.
    ///   - id: the order's id in this installation.
    ///   - secretSlug: the one to use if the other side has given none.
    ///   - store: the order's `store`: webhooks name it without its `unique_id`.
    package func order(onto current: JSON?, id: OrderID, secretSlug: String?, store: JSON) -> JSON? {
        guard isComplete, !isDeleted else { return nil }
        let stored: JSONObject = if case .object(let object)? = current { object } else { JSONObject() }
        var history = history
        history.formUnion(stored["status_history"])
        var new: [(String, JSON)] = [
            ("id", identity(in: stored, orElse: id)), ("store", store), ("status_history", history.json),
        ]
        // The one of a stored order stays: it may be new because the old one got into wrong hands.
        if let slug = stored["secret_slug"], let given = fields["secret_slug"], slug != given {
            // So are the links, which have the old one in them.
            for name in ["public_order_url", "payment_url", "redirect_url"] { new.append((name, stored[name] ?? .null)) }
        }
        if let slug = stored["secret_slug"] ?? fields["secret_slug"] ?? secretSlug.map(JSON.string) {
            new.append(("secret_slug", slug))
        }
        if let customer = customer(in: stored) { new.append(("customer", customer)) }
        if let lines = fields["orderlines"] {
            new.append(("orderlines", MirroredLines.complete(lines, from: details["orderlines"])))
        }
        // Of two fields with one name the first counts.
        return .object(JSONObject(new + (fields.members + stored.members).map { ($0.name, $0.value) }))
    }

    /// The `id` of a stored order stays, for it is found by that; a new one's is the integer that the other side gave, or else
    /// its id.
    private func identity(in current: JSONObject, orElse id: OrderID) -> JSON {
        if let stored = current["id"], !stored.isAbsent { return stored }
        guard let given = fields["id"], given.integer != nil else { return .string(id.description) }
        return given
    }

    /// The customer as the other side gave them, or as stored, or else made from the order's address; `nil` if their id is
    /// unknown.
    ///
    /// The address is the order's, and anyone who orders writes it: it never changes a customer that is known, who signs in with
    /// their e-mail address. So one that is made has no `last_updated_at`, which counts as the oldest.
    private func customer(in current: JSONObject) -> JSON? {
        guard let id = fields["customer_id"]?.integer else { return nil }
        if let given = details[Self.customerName(id)] { return given }
        if case .object(let stored)? = current["customer"], stored["id"]?.textOrDigits == String(id) {
            let isMade = stored.members.allSatisfy { ["id", "name", "phone", "email"].contains($0.name) }
            if !isMade || fields["destination_address"] == nil { return .object(stored) }
        }
        let address = fields["destination_address"]
        return [
            "id": .number(String(id)), "name": address?["name"] ?? .null, "email": address?["email"] ?? .null,
            "phone": address?["phone"] ?? .null,
        ]
    }
}
