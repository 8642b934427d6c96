import Orders

extension PostgresStorage {
    /// Waits until what was committed so far can't be missing on any server's next read.
    ///
    /// That is when every replica has replayed it or, where one does not get that far, when no server asks that one any more
    /// (``ReplicaWatch``). So whoever was told that something is written reads it from then on, whichever server they ask.
    func waitForReplicas() async {
        guard replicaCount > 0 else { return }
        let deadline = ContinuousClock.now + ReplicaWatch.settling
        // Without a word from the primary there is nothing to wait for but the time.
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
