import Foundation
import JSON
import Orders
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

@Suite(.serialized) struct `A connection to PostgreSQL` {
    @Test func `is encrypted and verified as libpq specifies`() async throws {
        let folder = try TemporaryFolder()
        let certificate = try await TestCertificate(in: folder)
        let cluster = try await Cluster(["ssl=on", "ssl_cert_file=\(certificate.file)", "ssl_key_file=\(certificate.keyFile)"])
        let other = try await TestCertificate(in: TemporaryFolder())
        let base = "postgres://pesanan:pesanan@localhost:\(cluster.port)/postgres?sslmode=verify-full&sslrootcert="
        let storage = try await PostgresStorage(#require(PostgresAddress(base + certificate.file)), connections: 2)
        try await storage.add([order(Load.id, notes: "1")])
        #expect(try await storage.notes(Load.id) == "1")
        let encrypted = try await cluster.run(
            """
            SELECT count(*) = count(*) FILTER (WHERE s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
            WHERE a.application_name = 'pesanan'
            """)
        #expect(encrypted == "t\n")
        let failure = await #expect(throws: StorageFailure.self) {
            _ = try await PostgresStorage(#require(PostgresAddress(base + other.file)), connections: 1)
        }
        #expect(failure?.description.contains("certificate verify failed") == true, "\(failure?.description ?? "")")
    }
}
