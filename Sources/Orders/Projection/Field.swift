/// One field of what a buyer gets: its name, where the merchant's object has its value, and the rule between the two.
///
/// A class, as tables of fields are walked through for every order: to go from one to the next is then to count one reference.
final class Field: Sendable {
    let name: String
    /// The names under which the value may come, the first one found counts.
    private let sources: [JSONObject.Name]
    let rule: Rule
    /// The name in quotes and a colon.
    fileprivate let encodedName: [UInt8]

    init(_ name: String, _ rule: Rule, from sources: String...) {
        self.name = name
        encodedName = JSON.string(name).encoded + [UInt8(ascii: ":")]
        self.sources = (sources.isEmpty ? [name] : sources).map { JSONObject.Name($0) }
        self.rule = rule
    }

    /// The merchant's value and the name under which it came; `null` where there is none.
    fileprivate func value(in object: JSONObject) -> (name: String, value: JSON) {
        for source in sources {
            switch object[source] {
            case nil, .null: continue
            case .string(let text)? where text.isEmpty: continue
            case let found?: return (source.text, found)
            }
        }
        return (name, .null)
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
        guard case .object(let source) = source else { return }
        var separator = UInt8(ascii: "{")
        for field in self {
            writer.append(separator)
            separator = UInt8(ascii: ",")
            writer.append(raw: field.encodedName)
            let (name, value) = field.value(in: source)
            do throws(Refusal) { try field.rule.write(value, scope, &writer) } catch { throw error.within(name) }
        }
        writer.append(UInt8(ascii: "}"))
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
