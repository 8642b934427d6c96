import JSON

/// A field of the buyer's object: its name, the source of its value in the merchant's object, and the rule that converts it.
struct Field: Sendable {
    let name: String
    /// The possible names of the value; the first one found counts.
    fileprivate let sources: [String]
    let rule: Rule

    init(_ name: String, _ rule: Rule, from sources: String...) {
        self.name = name
        self.sources = sources.isEmpty ? [name] : sources
        self.rule = rule
    }
}

/// How a field's value is derived from the merchant's, and the schema of the result.
struct Rule: Sendable {
    /// The JSON Schema of all values that `write` can write.
    let schema: JSON
    /// Writes the buyer's value for the merchant's value, or throws the reason why there is none.
    ///
    /// `value` is `nil` if the merchant's object has none, `null`, or an empty text (`projection.md`).
    let write: @Sendable (_ value: JSONView?, _ scope: Scope, _ writer: inout JSONWriter) throws(Refusal) -> Void
}

/// What a rule can access in addition to its own value.
struct Scope {
    /// The object that contains the value.
    let parent: JSONView
    /// The id of the order being projected; `nil` for a store or a customer projected on its own.
    let orderID: OrderID?
}

/// All fields of a buyer's object, in this order.
final class Fields: Sendable, ExpressibleByArrayLiteral {
    private let fields: [Field]
    /// For each field, the text before its value: a brace or a comma, its name in quotes, and a colon.
    private let openings: ByteTable
    /// For each field, the range of its sources.
    private let ranges: [Range<Int>]
    /// The possible names of all values, field by field.
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

    /// Writes an object with these fields from the merchant's object.
    /// - Throws: the ``Refusal`` of the first field whose rule refuses its value.
    func write(_ source: JSONView, orderID: OrderID?, to writer: inout JSONWriter) throws(Refusal) {
        let scope = Scope(parent: source, orderID: orderID)
        try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: sources.count) { places throws(Refusal) in
            // The position of each source's value; 0, where the text itself begins, means none.
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

    /// The JSON Schema of the objects that ``write(_:orderID:to:)`` writes.
    var schema: JSON {
        .object(
            JSONObject([
                ("type", "object"), ("additionalProperties", false),
                ("required", .array(fields.map(\.name).sorted().map(JSON.string))),
                ("properties", .object(JSONObject(fields.map { ($0.name, $0.rule.schema) }))),
            ]))
    }
}
