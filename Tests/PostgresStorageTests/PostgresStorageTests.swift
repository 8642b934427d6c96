import Orders
import PostgresStorage
import StorageContract
import TestFixtures
import TestPostgres
import Testing

@Suite(.serialized) struct `The storage in PostgreSQL` {
    @Test(arguments: StorageContract.clauses)
    func `keeps the contract`(clause: StorageContract.Clause) async throws {
        let cluster = try await Cluster.shared()
        let address = try #require(PostgresAddress(await cluster.makeDatabase()))
        try await clause.check(PostgresStorage(address, connections: 2))
    }
}
