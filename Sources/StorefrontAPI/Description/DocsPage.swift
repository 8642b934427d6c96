import JSON
import Orders

/// The OpenAPI document as a page that needs nothing else: no script, nothing from another host.
struct DocsPage {
    private let document: JSON

    init(_ document: JSON) { self.document = document }

    /// The page in UTF-8.
    var html: [UInt8] {
        let info = document["info"] ?? .null
        return Array(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(text(info["title"]))</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>
            <h1>\(text(info["title"]))</h1>
            <p>\(text(info["description"]))</p>
            <p>For programs: <a href="/openapi.json">openapi.json</a></p>
            <h2>Addresses</h2>
            \(members(document["paths"]).map(address).joined(separator: "\n"))
            <h2>Schemas</h2>
            \(members(document["components"]?["schemas"]).map(schema).joined(separator: "\n"))
            </main>
            </body>
            </html>

            """.utf8)
    }

    /// All that an address answers; HEAD is described where GET is.
    private func address(_ path: (name: String, value: JSON)) -> String {
        members(path.value).filter { $0.name != "head" }.map { method, operation in
            let methods = [method] + (method == "get" && path.value["head"] != nil ? ["head"] : [])
            return section(path.name, methods, operation)
        }.joined(separator: "\n")
    }

    private func section(_ path: String, _ methods: [String], _ operation: JSON) -> String {
        let methods = methods.map { "<b>\(escape($0.uppercased()))</b>" }.joined(separator: " ")
        let body = operation["requestBody"]?["content"]?["application/json"]?["schema"]
        let parameters = elements(operation["parameters"]).map(resolve).map { parameter in
            row(parameter["name"], parameter["in"], type(of: parameter["schema"]), escape: parameter["description"])
        }
        let responses = members(operation["responses"]).map { status, response in
            let response = resolve(response)
            let contents = members(response["content"]).map { escape($0.name) + " " + type(of: $0.value["schema"]) }
            return row(.string(status), response["description"], contents.joined(separator: "<br>"))
        }
        return """
            <section>
            <h3>\(methods) <code>\(escape(path))</code></h3>
            <p>\(text(operation["summary"]))\(needs(operation))</p>
            \(operation["description"].map { "<p>\(text($0))</p>" } ?? "")
            \(table(["Parameter", "In", "Type", ""], parameters))
            \(body.map { "<p>Body: \(type(of: $0))</p>" } ?? "")
            \(table(["Status", "", "Body"], responses))
            </section>
            """
    }

    private func needs(_ operation: JSON) -> String {
        guard let security = elements(operation["security"]).first else { return "" }
        return " <i>Needs \(security["accessToken"] == nil ? "the store's storefront key" : "an access token").</i>"
    }

    private func schema(_ entry: (name: String, value: JSON)) -> String {
        """
        <section id="\(escape(entry.name))">
        <h3>\(escape(entry.name))</h3>
        <p>\(text(entry.value["description"]))</p>
        \(table(["Field", "Type"], fields(of: entry.value, path: "")))
        </section>
        """
    }

    /// A row for each field, those of inner objects under their full path.
    private func fields(of schema: JSON, path: String) -> [String] {
        members(schema["properties"]).flatMap { name, value in
            let isList = value["items"] != nil
            let inner = value["items"] ?? value
            let full = path + name + (isList ? "[]" : "")
            return [row(.string(full), type(of: value))] + fields(of: inner, path: full + ".")
        }
    }

    /// A schema in a few words, or a link to it.
    private func type(of schema: JSON?) -> String {
        guard let schema else { return "" }
        if case .string(let reference) = schema["$ref"], let name = reference.split(separator: "/").last {
            return "<a href=\"#\(escape(String(name)))\">\(escape(String(name)))</a>"
        }
        if let constant = schema["const"] { return "<code>\(escape(String(decoding: constant.encoded, as: UTF8.self)))</code>" }
        if let items = schema["items"], items["$ref"] != nil { return "list of \(type(of: items))" }
        let words = elements(schema["enum"])
        if !words.isEmpty { return words.map { $0 == .null ? "null" : "<code>\(text($0))</code>" }.joined(separator: ", ") }
        var types = elements(schema["type"]).map { text($0) }
        if types.isEmpty { types = [text(schema["type"])] }
        var description = types.joined(separator: " or ")
        if schema["items"] != nil { description += " of objects" }
        if let format = schema["format"] { description += ", \(text(format))" }
        return description
    }

    private func resolve(_ value: JSON) -> JSON {
        guard case .string(let reference) = value["$ref"] else { return value }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }

    private func table(_ headings: [String], _ rows: [String]) -> String {
        guard !rows.isEmpty else { return "" }
        let head = headings.map { "<th scope=\"col\">\($0)</th>" }.joined()
        return
            "<div class=\"table\"><table><thead><tr>\(head)</tr></thead><tbody>\n\(rows.joined(separator: "\n"))\n</tbody></table></div>"
    }

    private func row(_ name: JSON?, _ cells: String...) -> String {
        "<tr><td><code>\(text(name))</code></td>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }

    private func row(_ name: JSON?, _ place: JSON?, _ type: String, escape description: JSON?) -> String {
        row(name, text(place), type, text(description))
    }

    private func row(_ status: JSON?, _ description: JSON?, _ body: String) -> String {
        row(status, text(description), body)
    }

    private func members(_ value: JSON?) -> [(name: String, value: JSON)] {
        if case .object(let object) = value { object.members } else { [] }
    }

    private func elements(_ value: JSON?) -> [JSON] {
        if case .array(let elements) = value { elements } else { [] }
    }

    private func text(_ value: JSON?) -> String {
        if case .string(let text) = value { escape(text) } else { "" }
    }

    private func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    private static let style = """
        :root{color-scheme:light dark}
        body{margin:0;font:16px/1.5 system-ui,sans-serif}
        main{max-width:60rem;margin:0 auto;padding:1rem}
        section{border-top:1px solid #8884;padding:.5rem 0}
        h3{overflow-wrap:anywhere}
        h3 b{font-size:.75em;padding:.1em .5em;border:1px solid;border-radius:.3em}
        .table{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.9em;margin:.5rem 0}
        th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8883}
        """
}
