package import JSON
package import Orders

/// Lists in answers (`api.md`).
extension JSON {
    /// A page of a list.
    package static func page(_ elements: [JSON], _ envelope: PageEnvelope) -> JSON {
        .object(JSONObject([("data", .array(elements))] + envelope.members.map { ($0.name, $0.value) }))
    }

    /// A list without pages.
    package static func list(_ elements: [JSON]) -> JSON { ["data": .array(elements), "is_paginated": false] }

    /// The schema of a page.
    /// - Parameter most: the maximum number of elements.
    package static func pageSchema(_ description: String, of element: JSON, most: Int) -> JSON {
        let most = JSON.number(String(most))
        return .closedObject(
            description,
            [
                ("data", ["type": "array", "maxItems": most, "items": element]), ("is_paginated", ["const": true]),
                ("has_next", ["type": "boolean"]), ("has_previous", ["type": "boolean"]), ("next_cursor", .optionalText),
                ("previous_cursor", .optionalText), ("page_size", ["type": "integer", "minimum": 1, "maximum": most]),
            ])
    }

    /// The schema of a list without pages.
    package static func listSchema(_ description: String, of element: JSON) -> JSON {
        .closedObject(description, [("data", ["type": "array", "items": element]), ("is_paginated", ["const": false])])
    }
}
