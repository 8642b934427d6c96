/// One field of what a buyer gets: its name, where the merchant's object has its value, and the rule between the two.
struct Field: Sendable {
    let name: String
    /// The names under which the value may come, the first one found counts.
    let sources: [String]
    let rule: Rule

    init(_ name: String, _ rule: Rule, from sources: String...) {
        self.name = name
        self.sources = sources.isEmpty ? [name] : sources
        self.rule = rule
    }
}

/// How a field's value is made from the merchant's, and what the schema says of the result.
struct Rule: Sendable {
    /// The JSON Schema of every value that `write` can write.
    let schema: JSON
    /// Writes the buyer's value for the merchant's one, or says why there can be none.
    let write: @Sendable (_ value: JSON, _ scope: Scope, _ writer: inout JSONWriter) throws(Refusal) -> Void
}

/// What a rule may look at beside its own value.
struct Scope: Sendable {
    /// The object that the value is a member of.
    let parent: JSON
    /// The id of the order that is projected; `nil` for a store or a customer on its own.
    let orderID: OrderID?
}

extension [Field] {
    /// Writes an object of these fields, all of them and in this order, from the merchant's object.
    ///
    /// A text that is empty means absent (`projection.md`), and so does a field that is not there: rules get `null` for both.
    /// - Throws: the ``Refusal`` of the first field whose rule refuses.
    func write(_ source: JSON, orderID: OrderID?, to writer: inout JSONWriter) throws(Refusal) {
        let scope = Scope(parent: source, orderID: orderID)
        try writer.append(list: self, from: "{", to: "}") { writer, field throws(Refusal) in
            var value = JSON.null
            var name = field.name
            for source in field.sources {
                guard let found = scope.parent[source], found != .null, found != "" else { continue }
                (value, name) = (found, source)
                break
            }
            writer.append(string: field.name)
            writer.append(UInt8(ascii: ":"))
            do throws(Refusal) { try field.rule.write(value, scope, &writer) } catch { throw error.within(name) }
        }
    }

    /// The JSON Schema of the objects that `write` writes.
    var schema: JSON {
        .object(
            JSONObject([
                ("type", "object"), ("additionalProperties", false),
                ("required", .array(map(\.name).sorted().map(JSON.string))),
                ("properties", .object(JSONObject(map { ($0.name, $0.rule.schema) }))),
            ]))
    }
}
