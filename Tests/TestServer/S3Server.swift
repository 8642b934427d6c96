/// A running S3 server with an empty bucket, `scripts/s3-server`.
package struct S3Server: Sendable {
    package let bucket = "pictures"
    private let server: ScriptedServer

    package init() throws { server = try ScriptedServer("s3-server", [bucket]) }

    /// The URL of the server.
    package var endpoint: String { "http://127.0.0.1:\(server.port)" }

    /// The names of the files in the bucket.
    package func names() throws -> [String] {
        let connection = try RawConnection(port: server.port)
        try connection.write("GET /\(bucket)?list-type=2 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
        let answer = String(decoding: try connection.rest(), as: UTF8.self)
        return answer.matches(of: /<Key>([^<]*)<\/Key>/).map { String($0.1) }
    }

    /// Ends it, so that it does not answer any more.
    package func stop() { server.stop() }
}
