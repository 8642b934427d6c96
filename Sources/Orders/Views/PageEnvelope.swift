package import JSON

/// What stands around the elements of a page, in every list (`api.md`).
package struct PageEnvelope: Sendable {
    private let next: String?
    private let previous: String?
    private let size: Int

    /// - Parameters:
    ///   - next: the cursor of the page that follows; `nil` if none does.
    ///   - previous: the cursor of the page before; `nil` if there is none.
    ///   - size: the maximum number of elements.
    package init(next: String? = nil, previous: String? = nil, size: Int) {
        self.next = next
        self.previous = previous
        self.size = size
    }

    /// The members behind `data`.
    package var members: [(name: String, value: JSON)] {
        [
            ("is_paginated", true), ("has_next", .bool(next != nil)), ("has_previous", .bool(previous != nil)),
            ("next_cursor", JSON(next)), ("previous_cursor", JSON(previous)), ("page_size", .number(String(size))),
        ]
    }
}
