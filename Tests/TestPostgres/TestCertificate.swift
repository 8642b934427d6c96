import Foundation
package import TestFixtures

/// A self-signed certificate for `localhost` and its key, for test servers.
package struct TestCertificate: Sendable {
    package let file: String
    package let keyFile: String
    private let folder: TemporaryFolder

    /// - Throws: ``Cluster/Failed`` if `openssl` is missing.
    package init(in folder: TemporaryFolder) async throws {
        self.folder = folder
        file = folder.path("server.crt")
        keyFile = folder.path("server.key")
        chmod(folder.url.path, 0o711)
        try await Cluster.run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", keyFile, "-out", file,
        ])
        // The server accepts the key only if its own user owns it.
        if geteuid() == 0 { try await Cluster.run(["chown", "postgres", keyFile]) }
        chmod(keyFile, 0o600)
    }
}
