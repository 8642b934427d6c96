package import Orders

/// The plan of writes that share a transaction, as if they were made one after another.
package struct WritePlan: Sendable {
    /// The result of each write.
    package private(set) var results: [OrderWriteResult] = []
    package let changes: PlannedChanges
    /// The answers to remember, each with another key.
    package private(set) var answers: [RememberedAnswer] = []
    /// The ends of links, in the order in which they were set.
    package private(set) var linkEnds: [OrderLinkEnd] = []

    /// - Parameter answered: the keys among those of the writes' answers whose requests have been answered before.
    package init(_ writes: [OrderWrite], known: KnownOrders, answered: Set<RequestKey>) {
        var plan = ChangePlan(known: known)
        var answered = answered
        for write in writes {
            if let answer = write.answer, answered.contains(answer.key) {
                results.append(.answeredBefore)
                continue
            }
            let outcomes = plan.add(write.changes, allOrNothing: write.allOrNothing, at: write.time)
            results.append(.written(outcomes))
            guard !outcomes.contains(where: \.isRefused) else { continue }
            linkEnds += write.linkEnds
            guard let answer = write.answer else { continue }
            answers.append(answer)
            answered.insert(answer.key)
        }
        changes = plan.changes
    }
}
