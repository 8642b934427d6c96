import AsyncHTTPClient
import Foundation
package import JSON
import NIOCore
import NIOHTTP1
package import OrderServices

/// The orders of a shop on Scalev, or on another installation of Pesanan, over its business API (`surroundings.md`, section 5).
///
/// It does as the other side asks: after a 429 or 5xx it waits, longer each time, and at least as long as `Retry-After` says; and when
/// `X-Ratelimit-Remaining` says that nothing is left, it waits for `X-Ratelimit-Reset`.
package struct ScalevClient: MirrorSource {
    package let address: String

    private let key: String
    /// The integer by which the other side knows the store; `nil` for all stores that the key sees.
    private let store: String?
    private let client: HTTPClient
    private let patience: ScalevPatience

    private static let pageSize = 25
    private static let timeout = TimeAmount.seconds(60)
    private static let maximumBody = 32 << 20

    /// Calls `body` with a client, which is closed when that returns.
    /// - Parameters:
    ///   - key: an API key with the scopes `order:list` and `order:read`.
    ///   - store: the store's integer id there; `nil` if it is not known.
    ///   - waiting: called with the seconds before each pause.
    /// - Throws: whatever `body` throws.
    package static func with<Value: Sendable>(
        _ address: ScalevAddress, key: String, store: String?, waiting: @escaping @Sendable (Int64) -> Void,
        _ body: (ScalevClient) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10), read: .seconds(60)))
        configuration.httpVersion = .http1Only
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await body(
                ScalevClient(
                    address: address.text, key: key, store: store, client: client, patience: ScalevPatience(waiting: waiting)))
        }
    }

    package func orders(after cursor: String?) async throws(MirrorSourceFailure) -> (orders: [JSON], next: String?) {
        var query = [("page_size", String(Self.pageSize))]
        if let store { query.append(("store_id", store)) }
        if let cursor { query.append(("next_cursor", cursor)) }
        let text = query.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
        let answer = try await get("/v3/orders?" + text)
        if answer.status == .badRequest, cursor != nil { throw .invalidCursor }
        guard answer.status == .ok else { throw answer.isUnexpected }
        let page = try answer.json
        guard case .array(let orders)? = page["data"] else { throw .unusable("its list has no 'data'") }
        guard page["has_next"] == true else { return (orders, nil) }
        guard case .string(let next)? = page["next_cursor"], !next.isEmpty, next != cursor else {
            throw .unusable("its list says that there is more, and not where")
        }
        return (orders, next)
    }

    package func order(_ id: String) async throws(MirrorSourceFailure) -> JSON? {
        let answer = try await get("/v3/orders/" + Self.escaped(id))
        if answer.status == .notFound, let json = try? answer.json, case .object = json { return nil }
        guard answer.status == .ok else { throw answer.isUnexpected }
        return try answer.json
    }

    private struct Answer: Sendable {
        let status: HTTPResponseStatus
        let body: [UInt8]

        var json: JSON {
            get throws(MirrorSourceFailure) {
                do throws(JSONSyntaxError) { return try JSON(parsing: body) } catch { throw .unusable("not JSON") }
            }
        }

        var isUnexpected: MirrorSourceFailure {
            switch status.code {
            case 401, 403: .keyRefused
            case 300..<400: .unusable("a redirect, which is not followed: is the base URL right?")
            case 404: .unusable("404: is the base URL right?")
            case let code: .unusable("status \(code)")
            }
        }
    }

    /// The answer that is neither 429 nor 5xx.
    private func get(_ path: String) async throws(MirrorSourceFailure) -> Answer {
        var failures: Int64 = 0
        while true {
            do { try await patience.wait() } catch { throw .unavailable("interrupted") }
            let reason: String
            var retryAfter: Int64?
            do {
                var request = HTTPClientRequest(url: address + path)
                request.headers.add(name: "Authorization", value: "Bearer " + key)
                request.headers.add(name: "Accept", value: "application/json")
                request.headers.add(name: "User-Agent", value: "Pesanan")
                let response = try await client.execute(request, timeout: Self.timeout)
                let body = try await response.body.collect(upTo: Self.maximumBody)
                guard response.status == .tooManyRequests || response.status.code >= 500 else {
                    patience.note(response.headers)
                    return Answer(status: response.status, body: Array(buffer: body))
                }
                reason = "status \(response.status.code)"
                retryAfter = response.headers.first(name: "Retry-After").flatMap { ScalevPatience.seconds($0) }
            } catch is NIOTooManyBytesError {
                throw .unusable("more than \(Self.maximumBody >> 20) MiB at once")
            } catch is CancellationError {
                throw .unavailable("interrupted")
            } catch {
                // Its words name addresses and never the key.
                reason = "\(error)"
            }
            failures += 1
            guard failures < ScalevPatience.maximumTries else { throw .unavailable(reason) }
            patience.pause(after: failures - 1, atLeast: retryAfter)
        }
    }

    private static func escaped(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: unreserved)! }

    /// RFC 3986, section 2.3.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
