import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
package import OrderServices
package import Orders

/// Sends webhooks over HTTP.
///
/// Unless any target is allowed, the addresses of a host are checked before anything connects to it, and the address of each connection once more before a
/// request is sent on it: a name that leads elsewhere the second time is of no use.
package struct WebhookClient: WebhookTransport {
    private let client: HTTPClient
    private let targets: WebhookTargets
    private let addresses = HostAddresses()

    /// How much of an answer is kept, in bytes.
    private static let keptOfAnswer = 1024
    /// The longest pause that an endpoint can ask for, in seconds.
    private static let longestPause: Int64 = 3600

    private init(_ client: HTTPClient, targets: WebhookTargets) {
        self.client = client
        self.targets = targets
    }

    /// Calls `body` with a client, whose connections are closed when that returns.
    /// - Throws: whatever `body` throws.
    package static func with<Value: Sendable>(
        targets: WebhookTargets, _ body: (WebhookClient) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(WebhookAnswer.timeout)),
            connectionPool: .init(idleTimeout: .seconds(30), concurrentHTTP1ConnectionsPerHostSoftLimit: 1000))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        if targets == .public {
            configuration.http1_1ConnectionDebugInitializer = { channel in
                if let address = channel.remoteAddress?.bytes, PublicAddress.contains(address) {
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                channel.close(promise: nil)
                return channel.eventLoop.makeFailedFuture(NotPublic())
            }
        }
        return try await HTTPClient.withHTTPClient(configuration: configuration) {
            try await body(WebhookClient($0, targets: targets))
        }
    }

    private struct NotPublic: Error {}

    package func post(
        _ body: [UInt8], headers: [(name: String, value: String)], to url: String
    ) async -> WebhookAnswer {
        let host: String
        do throws(Refusal) { host = try targets.host(of: url) } catch { return WebhookAnswer(failure: "the URL \(error.reason)") }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "Pesanan-Webhooks")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        return await withinTime { [request] in
            if targets == .public {
                let addresses = await addresses.of(host)
                guard !Task.isCancelled else { return .late }
                guard !addresses.isEmpty else { return WebhookAnswer(failure: "the host has no address") }
                guard addresses.allSatisfy(PublicAddress.contains) else { return .notPublic }
            }
            return await execute(request)
        }
    }

    private func execute(_ request: HTTPClientRequest) async -> WebhookAnswer {
        do {
            let response = try await client.execute(request, timeout: .seconds(WebhookAnswer.timeout))
            return WebhookAnswer(
                status: Int(response.status.code), body: await Self.beginning(of: response.body),
                retryAfter: response.headers.first(name: "Retry-After").flatMap { Int64($0) }.map {
                    min(max($0, 0), Self.longestPause)
                })
        } catch {
            return WebhookAnswer(failure: Self.words(for: error))
        }
    }

    /// The first bytes of an answer's body. If there are more, the connection is closed; and whoever sends them slowly is not waited for.
    private static func beginning(of body: HTTPClientResponse.Body) async -> String? {
        let read = Task {
            var bytes: [UInt8] = []
            do {
                for try await buffer in body {
                    bytes.append(contentsOf: buffer.readableBytesView.prefix(keptOfAnswer - bytes.count))
                    if bytes.count == keptOfAnswer { break }
                }
            } catch {}
            return bytes
        }
        let deadline = Task {
            try await Task.sleep(for: .seconds(1))
            read.cancel()
        }
        let bytes = await withTaskCancellationHandler {
            await read.value
        } onCancel: {
            read.cancel()
        }
        deadline.cancel()
        guard !bytes.isEmpty else { return nil }
        // PostgreSQL can't store the character 0.
        return String(decoding: bytes, as: UTF8.self).replacing("\0", with: "\u{FFFD}")
    }

    /// Cuts off what takes too long, whatever it is: a name server that does not answer can't be interrupted, and is not waited for.
    private func withinTime(_ send: @escaping @Sendable () async -> WebhookAnswer) async -> WebhookAnswer {
        let (answers, first) = AsyncStream<WebhookAnswer>.makeStream()
        let sending = Task { first.yield(await send()) }
        let timing = Task {
            guard (try? await Task.sleep(for: .seconds(WebhookAnswer.timeout))) != nil else { return }
            first.yield(.late)
        }
        defer {
            sending.cancel()
            timing.cancel()
        }
        for await answer in answers { return answer }
        // The server ends.
        return .late
    }

    /// What the merchant can do something about.
    private static func words(for error: any Error) -> String {
        switch error {
        case is NotPublic: return WebhookAnswer.notPublic.failure ?? ""
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout: return "the endpoint can't be connected to: it does not answer"
            case .readTimeout, .deadlineExceeded, .writeTimeout, .cancelled: return WebhookAnswer.late.failure ?? ""
            case .remoteConnectionClosed: return "the endpoint closed the connection without an answer"
            default: return "the endpoint's answer is not HTTP"
            }
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return "the endpoint's certificate is not valid, or it does not speak TLS"
        case let error as NIOConnectionError where error.dnsAError != nil || error.dnsAAAAError != nil:
            return "the host has no address"
        case is NIOConnectionError: return "the endpoint can't be connected to"
        case let error as IOError where error.errnoCode == ECONNRESET || error.errnoCode == EPIPE:
            return "the endpoint closed the connection without an answer"
        case is IOError: return "the endpoint can't be connected to"
        case is HTTPParserError: return "the endpoint's answer is not HTTP"
        default: return "the endpoint can't be reached"
        }
    }
}

extension WebhookAnswer {
    fileprivate static let late = WebhookAnswer(failure: "the endpoint did not answer within \(timeout) seconds")
    fileprivate static let notPublic = WebhookAnswer(failure: "the host's address is not one of the public internet")
}

extension SocketAddress {
    /// The address without its port, 4 or 16 bytes; `nil` for a Unix socket.
    fileprivate var bytes: [UInt8]? {
        switch self {
        case .v4(let address): withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
        case .v6(let address): withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
        case .unixDomainSocket: nil
        }
    }
}
