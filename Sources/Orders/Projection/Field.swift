import JSON

/// One field of what a buyer gets: its name, where the merchant's object has its value, and the rule between the two.
struct Field: Sendable {
    let name: String
    /// The names under which the value may come, the first one found counts.
    fileprivate let sources: [String]
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
    ///
    /// There is no value where the merchant's object has none, `null`, or an empty text (`projection.md`).
    let write: @Sendable (_ value: JSONView?, _ scope: Scope, _ writer: inout JSONWriter) throws(Refusal) -> Void
}

/// What a rule may look at beside its own value.
struct Scope {
    /// The object that the value is a member of.
    let parent: JSONView
    /// The id of the order that is projected; `nil` for a store or a customer on its own.
    let orderID: OrderID?
}

/// The fields of an object that a buyer gets: all of them, and in this order.
final class Fields: Sendable, ExpressibleByArrayLiteral {
    private let fields: [Field]
    /// For each field, what stands before its value: a brace or a comma, its name in quotes, and a colon.
    private let openings: ByteTable
    /// For each field, which of the sources are its own.
    private let ranges: [Range<Int>]
    /// The names under which values may come, field by field.
    private let sources: NameTable

    init(arrayLiteral fields: Field...) {
        self.fields = fields
        openings = ByteTable(
            fields.enumerated().map { position, field in
                [UInt8(ascii: position == 0 ? "{" : ",")] + JSON.string(field.name).encoded + [UInt8(ascii: ":")]
            })
        var names: [String] = []
        ranges = fields.map { field in
            let start = names.count
            names += field.sources
            return start..<names.count
        }
        sources = NameTable(names)
    }

    /// Writes an object of these fields from the merchant's object.
    /// - Throws: the ``Refusal`` of the first field whose rule refuses.
    func write(_ source: JSONView, orderID: OrderID?, to writer: inout JSONWriter) throws(Refusal) {
        let scope = Scope(parent: source, orderID: orderID)
        try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: sources.count) { places throws(Refusal) in
            // Where the value of each source stands; nowhere is 0, where the text itself begins.
            places.initialize(repeating: 0)
            for (name, value) in source.members {
                if let position = sources.position(of: name) { places[position] = UInt32(truncatingIfNeeded: value.position) }
            }
            for position in fields.indices {
                openings.withElement(position) { writer.append(raw: $0) }
                let found = ranges[position].first { places[$0] != 0 && !source.at(Int(places[$0])).isAbsent }
                do throws(Refusal) {
                    try fields[position].rule.write(found.map { source.at(Int(places[$0])) }, scope, &writer)
                } catch {
                    throw error.within(found.map { sources[$0] } ?? fields[position].name)
                }
            }
        }
        writer.append(UInt8(ascii: "}"))
    }

    /// The JSON Schema of the objects that `write` writes.
    var schema: JSON {
        .object(
            JSONObject([
                ("type", "object"), ("additionalProperties", false),
                ("required", .array(fields.map(\.name).sorted().map(JSON.string))),
                ("properties", .object(JSONObject(fields.map { ($0.name, $0.rule.schema) }))),
            ]))
    }
}
