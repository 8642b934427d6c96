import Foundation
package import TestFixtures

/// A certificate for `localhost`, signed by itself, and its key, for a server of the tests.
package struct TestCertificate: Sendable {
    package let file: String
    package let keyFile: String
    private let folder: TemporaryFolder

    /// - Throws: ``Cluster/Failed`` where `openssl` is missing.
    package init(in folder: TemporaryFolder) async throws {
        self.folder = folder
        file = folder.path("server.crt")
        keyFile = folder.path("server.key")
        chmod(folder.url.path, 0o711)
        try await Cluster.run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", keyFile, "-out", file,
        ])
        // The server takes the key from nobody else than its own user.
        if geteuid() == 0 { try await Cluster.run(["chown", "postgres", keyFile]) }
        chmod(keyFile, 0o600)
    }
}
