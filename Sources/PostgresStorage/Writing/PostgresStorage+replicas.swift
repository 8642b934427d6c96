import Orders

extension PostgresStorage {
    /// Waits until every server's next read sees everything committed so far.
    ///
    /// That is the case when every replica has replayed it or, for a replica that does not, when no server reads from that one
    /// any more (``ReplicaWatch``). So once a write has been acknowledged, every server returns it.
    func waitForReplicas() async {
        guard replicaCount > 0 else { return }
        let deadline = ContinuousClock.now + ReplicaWatch.settling
        // If the primary does not answer, there is nothing to compare: wait until the deadline.
        let beat = try? await read(.beat, [.integer(Timestamp.now.microseconds)], from: .primary) { $0[0].integer(0) }
        var behind = Set(1...replicaCount)
        while !behind.isEmpty, .now < deadline {
            for server in behind {
                let replayed = try? await read(.replayedBeat, [], from: .server(server)) { $0[0].bool(0) ? $0[0].integer(1) : 0 }
                if let beat, let replayed, replayed >= beat { behind.remove(server) }
            }
            if !behind.isEmpty { try? await Task.sleep(for: .milliseconds(10)) }
        }
    }
}
