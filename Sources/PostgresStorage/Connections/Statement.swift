/// A single statement with the values of its parameters, `$1` and so on.
struct Statement: Sendable {
    let sql: String
    let parameters: [PostgresValue]

    init(_ sql: String, _ parameters: PostgresValue...) { self.init(sql, parameters) }

    init(_ sql: String, _ parameters: [PostgresValue]) {
        self.sql = sql
        self.parameters = parameters
    }
}
