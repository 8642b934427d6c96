/// Hands things over from one task, that makes them, to another one, that uses them: a few may wait in between.
actor Handover<Element: Sendable> {
    private let capacity: Int
    private var waiting: [Element] = []
    private var isOver = false
    private var giver: CheckedContinuation<Void, Never>?
    private var taker: CheckedContinuation<Void, Never>?

    /// - Parameter capacity: as many wait at the most.
    init(capacity: Int) { self.capacity = capacity }

    /// Hands one over, when there is room for it.
    /// - Returns: whether anybody still wants them.
    func give(_ element: Element) async -> Bool {
        while waiting.count == capacity, !isOver { await withCheckedContinuation { giver = $0 } }
        guard !isOver else { return false }
        waiting.append(element)
        wake(&taker)
        return true
    }

    /// The next one, when it is there; `nil` after the last.
    func take() async -> Element? {
        while waiting.isEmpty, !isOver { await withCheckedContinuation { taker = $0 } }
        guard !waiting.isEmpty else { return nil }
        defer { wake(&giver) }
        return waiting.removeFirst()
    }

    /// No more are given, or wanted; those that wait may still be taken.
    func end() {
        isOver = true
        wake(&giver)
        wake(&taker)
    }

    private func wake(_ waiter: inout CheckedContinuation<Void, Never>?) {
        waiter?.resume()
        waiter = nil
    }
}
