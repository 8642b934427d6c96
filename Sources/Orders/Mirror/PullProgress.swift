/// How far a pull has gone through the orders of the other side of a mirror, newest first.
package struct PullProgress: Equatable, Sendable {
    /// The address of the other side's API.
    package let source: String
    package let startedAt: Timestamp
    /// `nil` as long as it is not at the end.
    package var finishedAt: Timestamp?
    /// Where the other side's list goes on; `nil` at its beginning.
    package var cursor: String?
    /// When the last order seen was created.
    package var reached: Timestamp?
    /// The orders that the list has named.
    package var seen: Int64 = 0
    /// Those of them that were read whole, because they were new or had changed.
    package var read: Int64 = 0
    /// The orders that are not there any more, and were deleted here.
    package var deleted: Int64 = 0

    package init(source: String, startedAt: Timestamp) {
        self.source = source
        self.startedAt = startedAt
    }
}
