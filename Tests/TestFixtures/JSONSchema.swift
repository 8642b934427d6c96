import Foundation
package import JSON
import Orders

/// A JSON Schema (2020-12) with the keywords that the contract uses. An unknown keyword fails the check instead of being ignored.
package struct JSONSchema {
    private let root: JSON

    package init(_ schema: JSON) { root = schema }

    /// The violations of the schema by a value; empty if it is valid.
    /// - Parameter pointer: the location of the schema in its document, for example `/components/schemas/Error`.
    package func violations(of value: JSON, at pointer: String = "") -> [String] {
        violations(of: value, against: resolve("#" + pointer), path: "$")
    }

    private func violations(of value: JSON, against schema: JSON, path: String) -> [String] {
        guard case .object(let keywords) = schema else { return schema == true ? [] : ["\(path) has no schema"] }
        return keywords.members.flatMap { keyword, argument -> [String] in
            switch keyword {
            case "title", "description", "$schema", "format", "default": []
            case "$ref":
                if case .string(let pointer) = argument {
                    violations(of: value, against: resolve(pointer), path: path)
                } else {
                    []
                }
            case "type": types(of: argument).contains { value.isOfType($0) } ? [] : ["\(path) is not of type \(argument)"]
            case "enum": elements(argument).contains(value) ? [] : ["\(path) is none of the enumeration"]
            case "const": value == argument ? [] : ["\(path) is not the constant"]
            case "required":
                elements(argument).compactMap { name in
                    guard case .object(let object) = value, case .string(let name) = name, object[name] == nil else { return nil }
                    return "\(path) lacks \(name)"
                }
            case "properties":
                members(argument).flatMap { name, schema in
                    value[name].map { violations(of: $0, against: schema, path: "\(path).\(name)") } ?? []
                }
            case "additionalProperties":
                members(value).filter { schema["properties"]?[$0.name] == nil }.flatMap { name, value in
                    argument == false
                        ? ["\(path) has \(name)"] : violations(of: value, against: argument, path: "\(path).\(name)")
                }
            case "items":
                elements(value).enumerated().flatMap { violations(of: $1, against: argument, path: "\(path)[\($0)]") }
            case "pattern":
                if case .string(let text) = value, case .string(let pattern) = argument,
                    text.range(of: pattern, options: .regularExpression) == nil
                {
                    ["\(path) does not fit \(pattern)"]
                } else {
                    []
                }
            case "minLength": length(of: value).map { compare($0, argument) { $0 >= $1 } } ?? true ? [] : ["\(path) is too short"]
            case "maxLength": length(of: value).map { compare($0, argument) { $0 <= $1 } } ?? true ? [] : ["\(path) is too long"]
            case "oneOf":
                elements(argument).filter { violations(of: value, against: $0, path: path).isEmpty }.count == 1
                    ? [] : ["\(path) does not fit exactly one of several"]
            case "minimum": compare(value, argument) { $0 >= $1 } ? [] : ["\(path) is too small"]
            case "maximum": compare(value, argument) { $0 <= $1 } ? [] : ["\(path) is too large"]
            case "maxItems":
                compare(.number(String(elements(value).count)), argument) { $0 <= $1 } ? [] : ["\(path) has too many elements"]
            default: ["the schema of \(path) has an unknown keyword: \(keyword)"]
            }
        }
    }

    /// The length of a text; `nil` for anything else.
    private func length(of value: JSON) -> JSON? {
        if case .string(let text) = value { .number(String(text.unicodeScalars.count)) } else { nil }
    }

    private func resolve(_ pointer: String) -> JSON {
        pointer.split(separator: "/").dropFirst().reduce(root) { $0[String($1)] ?? .null }
    }

    private func types(of argument: JSON) -> [JSON] {
        if case .array(let types) = argument { types } else { [argument] }
    }

    private func compare(_ value: JSON, _ bound: JSON, _ holds: (Double, Double) -> Bool) -> Bool {
        guard case .number(let value) = value, case .number(let bound) = bound else { return true }
        return holds(Double(value)!, Double(bound)!)
    }
}

private func elements(_ value: JSON) -> [JSON] { if case .array(let elements) = value { elements } else { [] } }

private func members(_ value: JSON) -> [(name: String, value: JSON)] {
    if case .object(let object) = value { object.members } else { [] }
}

extension JSON {
    fileprivate func isOfType(_ type: JSON) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.bool, "boolean"), (.string, "string"), (.array, "array"), (.object, "object"),
            (.number, "number"):
            true
        case (.number(let digits), "integer"): Int64(digits) != nil
        default: false
        }
    }
}
