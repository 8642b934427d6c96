/// One question to the database, and all who ask it.
final class ReadQuestion {
    /// Lookups with the same key ask the same.
    struct Key: Hashable {
        let statement: ReadStatement
        let parameters: [PostgresValue]
    }

    var requests: [ReadRequest]
    let sent = ContinuousClock.now

    init(_ request: ReadRequest) { requests = [request] }
}

extension ReadConnection {
    /// What the server has still to send, in this order.
    enum Due {
        case prepared(ReadStatement)
        case answer(ReadQuestion)
        case end
    }
}
