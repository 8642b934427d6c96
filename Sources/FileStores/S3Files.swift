import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
package import OrderServices
import Orders

/// Files in a bucket of an S3-compatible store.
package struct S3Files: FileStorage {
    private let bucket: S3Bucket
    private let client: HTTPClient
    /// In milliseconds; as many as there are further tries.
    private static let pauses: [Double] = [200, 600, 1800]
    private static let timeout = TimeAmount.seconds(12)
    /// No try begins later than that: who sends a picture waits for no longer than a request may take.
    private static let patience = Duration.seconds(10)
    /// For how long a URL is valid, in seconds.
    private static let lifetime: Int64 = 60
    /// Of what a store says about an error.
    private static let maximumWords = 64 << 10

    private init(_ bucket: S3Bucket, _ client: HTTPClient) {
        self.bucket = bucket
        self.client = client
    }

    /// Calls `body` with the files of a bucket, whose connections are closed when that returns.
    /// - Throws: whatever `body` throws.
    package static func with<Value: Sendable>(
        _ bucket: S3Bucket, _ body: (S3Files) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(15)))
        configuration.httpVersion = .http1Only
        // It would try to connect for as long as a request may take.
        configuration.connectionPool.retryConnectionEstablishment = false
        return try await HTTPClient.withHTTPClient(configuration: configuration) { try await body(S3Files(bucket, $0)) }
    }

    package func put(_ bytes: [UInt8], as name: FileName, contentType: String) async throws(FileStorageFailure) {
        let answer = try await ask(.PUT, name) { request in
            request.headers.add(name: "Content-Type", value: contentType)
            request.body = .bytes(bytes)
        }
        guard answer.status == .ok else { throw answer.isUnexpected }
    }

    package func get(_ name: FileName) async throws(FileStorageFailure) -> FileParts? {
        let answer = try await ask(.GET, name) { _ in }
        if answer.status == .notFound { return nil }
        guard answer.status == .ok else { throw answer.isUnexpected }
        return answer.body.map { Array($0.readableBytesView) }
    }

    package func delete(_ name: FileName) async throws(FileStorageFailure) {
        let answer = try await ask(.DELETE, name) { _ in }
        guard [.ok, .noContent, .notFound].contains(answer.status) else { throw answer.isUnexpected }
    }

    /// The answer of the store; after what may pass, another try. Doing any of this twice is the same as once.
    private func ask(
        _ method: HTTPMethod, _ name: FileName, _ prepare: (inout HTTPClientRequest) -> Void
    ) async throws(FileStorageFailure) -> HTTPClientResponse {
        var tries = 0
        let start = ContinuousClock.now
        while true {
            let failure: FileStorageFailure
            do {
                // Signed anew, because the last URL may have expired.
                let target = bucket.signature.signed(
                    method.rawValue, host: bucket.host, path: bucket.path + name.path, lifetime: Self.lifetime, at: .now)
                var request = HTTPClientRequest(url: bucket.endpoint + target)
                request.method = method
                prepare(&request)
                let answer = try await client.execute(request, timeout: Self.timeout)
                guard answer.status.code >= 500 || answer.status == .tooManyRequests else {
                    // What is not read holds a connection.
                    if method != .GET || answer.status != .ok { _ = try await answer.body.collect(upTo: Self.maximumWords) }
                    return answer
                }
                failure = answer.isUnexpected
            } catch {
                // Its words name no address.
                failure = FileStorageFailure("the store for uploads does not answer: \(error)")
            }
            guard tries < Self.pauses.count, .now - start < Self.patience, !Task.isCancelled else { throw failure }
            try? await Task.sleep(for: .milliseconds(Self.pauses[tries] * .random(in: 0.8...1.2)))
            tries += 1
        }
    }
}

extension HTTPClientResponse {
    fileprivate var isUnexpected: FileStorageFailure {
        let hint =
            switch status.code {
            case 403: ": are its keys right, and may they be used for this bucket?"
            case 404: ": is there such a bucket?"
            case 300..<400: ": is its region right?"
            default: ""
            }
        return FileStorageFailure("the store for uploads answers \(status.code)\(hint)")
    }
}
