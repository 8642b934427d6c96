import Orders

/// A connection used by one caller, which sends it one command after the other.
final class Session: Sendable {
    private let loop: LoopHandle
    private let id: ConnectionID

    /// Connects to a server that accepts writes.
    /// - Parameter patience: how long the server may be silent before it counts as lost; longer than any statement may take.
    /// - Throws: ``StorageFailure`` if it can't connect.
    init(_ address: PostgresAddress, on loop: LoopHandle, patience: Duration = .seconds(150)) async throws {
        self.loop = loop
        id = ConnectionID()
        let names = address.hostNames
        let (addresses, isComplete) =
            names.isEmpty
            ? ([:], true)
            : await withCheckedContinuation { continuation in
                HostNames.lookUp(names) { continuation.resume(returning: ($0, $1)) }
            }
        var errors: [PostgresError] = []
        for attempt in 0..<max(1, names.count) {
            do {
                try await connect(address, addresses, attempt, patience)
                return
            } catch {
                errors.append(error == .unknownHost && !isComplete ? .noResolver : error)
            }
        }
        // What only the operator can mend counts more than that another host does not answer.
        throw StorageFailure(errors.first { !$0.isUnreachable } ?? errors[0])
    }

    private func connect(
        _ address: PostgresAddress, _ addresses: [String: [String]], _ attempt: Int, _ patience: Duration
    ) async throws(PostgresError) {
        let id = id
        let result: Result<Void, PostgresError> = await withCheckedContinuation { continuation in
            loop.run { loop in
                let keywords = address.keywords(.writing, isPrimary: true, addresses: addresses, attempt: attempt)
                guard let keywords else { return continuation.resume(returning: .failure(.unknownHost)) }
                let connection = Connection(keywords, deadline: .now + address.connectTimeout)
                loop.add(SessionConnection(id, connection, loop, patience) { continuation.resume(returning: $0) })
            }
        }
        _ = try result.get()
    }

    deinit {
        let id = id
        loop.run { SessionConnection.find(id, on: $0)?.end() }
    }

    /// Runs a single statement, which is prepared on first use.
    /// - Throws: ``PostgresError``.
    @discardableResult
    func run(_ sql: String, _ parameters: PostgresValue...) async throws(PostgresError) -> PostgresResult {
        try await run(sql, parameters)
    }

    /// Runs a single statement, which is prepared on first use.
    /// - Throws: ``PostgresError``.
    @discardableResult
    func run(_ sql: String, _ parameters: [PostgresValue]) async throws(PostgresError) -> PostgresResult {
        try await run([Statement(sql, parameters)])[0]
    }

    /// Runs statements one after another, which are sent at once: in the time of one. If one fails, those after it are not run.
    /// - Throws: ``PostgresError``: that of the one that failed.
    /// - Returns: the result of each.
    @discardableResult
    func run(_ statements: [Statement]) async throws(PostgresError) -> [PostgresResult] {
        statements.isEmpty ? [] : try await send(.statements(statements))
    }

    /// Runs a sequence of statements without parameters.
    /// - Throws: ``PostgresError``.
    func runScript(_ sql: String) async throws(PostgresError) {
        _ = try await send(.script(sql))
    }

    /// Runs `body` in a transaction, which is rolled back if it throws.
    /// - Throws: ``PostgresError``, or whatever `body` throws.
    func inTransaction<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await inTransaction(after: []) { _ in try await body() }
    }

    /// Runs `body` in a transaction, which is rolled back if it throws.
    /// - Parameters:
    ///   - first: the transaction's first statements, which are sent with its beginning.
    ///   - body: gets their results.
    /// - Throws: ``PostgresError``, or whatever `body` throws.
    func inTransaction<Value>(
        after first: [Statement], _ body: ([PostgresResult]) async throws -> Value
    ) async throws -> Value {
        do {
            let results = try await run([Statement("BEGIN")] + first)
            let value = try await body(Array(results.dropFirst()))
            try await runScript("COMMIT")
            return value
        } catch {
            try? await runScript("ROLLBACK")
            throw error
        }
    }

    /// Copies rows into their table, if there are any.
    /// - Throws: ``PostgresError``.
    func copy(_ rows: NewRows) async throws(PostgresError) {
        if !rows.isEmpty { _ = try await send(.copy(rows)) }
    }

    private func send(_ command: SessionConnection.Command) async throws(PostgresError) -> [PostgresResult] {
        let id = id
        let result: Result<[PostgresResult], PostgresError> = await withCheckedContinuation { continuation in
            loop.run { loop in
                guard let connection = SessionConnection.find(id, on: loop) else {
                    return continuation.resume(returning: .failure(PostgresError("the connection was lost")))
                }
                connection.perform(command) { continuation.resume(returning: $0) }
            }
        }
        return try result.get()
    }
}
