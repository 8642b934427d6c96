import Orders

/// A key lookup that waits for its answer.
struct ReadRequest: Sendable {
    /// Which servers may answer.
    enum Target: Sendable {
        case any, primary
        /// This one and no other, by its place among the servers of the storage.
        case server(Int)
    }

    let statement: ReadStatement
    let parameters: [PostgresValue]
    var target = Target.any
    let deadline: ContinuousClock.Instant
    /// How often it was sent and lost.
    var losses = 0
    /// Called once, on the loop's thread.
    var receive: @Sendable (Result<PostgresResult, PostgresError>) -> Void

    /// From the question to the answer, all waiting and trying again included.
    static let patience = Duration.seconds(5)

    init(
        _ statement: ReadStatement, _ parameters: [PostgresValue], target: Target = .any,
        deadline: ContinuousClock.Instant = .now + patience,
        receive: @escaping @Sendable (Result<PostgresResult, PostgresError>) -> Void
    ) {
        self.statement = statement
        self.parameters = parameters
        self.target = target
        self.receive = receive
        self.deadline = deadline
    }
}
