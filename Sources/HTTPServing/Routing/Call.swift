import Hummingbird
package import HummingbirdCore
package import JSON
package import Orders

/// A request, as passed to the handler of its route.
package struct Call: Sendable {
    package let request: Request
    package let context: ServingContext
    private let operation: Operation

    init(_ request: Request, _ context: ServingContext, _ operation: Operation) {
        self.request = request
        self.context = context
        self.operation = operation
    }

    /// A percent-decoded path parameter; `nil` if its encoding is invalid.
    package func pathParameter(_ name: String) -> String? {
        context.parameters.get(name).flatMap { $0.percentDecoded }
    }

    /// The store in the path, `{store_id}`; `nil` if it can't be a store's id.
    package var storeID: StoreID? { pathParameter("store_id").flatMap { StoreID($0) } }

    /// The query, in which nothing may be but what the operation describes.
    /// - Throws: ``Failure/invalidParameter(_:_:)``.
    package func describedQuery() throws(Failure) -> FlatDictionary<Substring, Substring> {
        let query = request.uri.queryParameters
        let known = operation.parameters.filter { $0.place == .query }.map(\.name)
        for name in query.map({ String($0.key) }) where !known.contains(name) {
            throw .invalidParameter("filter", "'\(name.prefix(40))' \(known.words(forUnknown: name))")
        }
        return query
    }

    /// The body as a JSON object, up to the operation's body limit.
    /// - Throws: ``Failure`` if the body is too large, truncated, or not a JSON object.
    package func jsonObject() async throws -> JSON { try Self.jsonObject(in: try await body()) }

    /// The body, up to the operation's body limit.
    /// - Throws: ``Failure`` if the body is too large or truncated.
    package func body() async throws -> [UInt8] {
        try await body(atMost: operation.bodyLimit, otherwise: .bodyTooLarge(limit: operation.bodyLimit))
    }

    /// The body, which is counted while it comes. What is beyond the limit is not read.
    /// - Parameters:
    ///   - limit: in bytes, at most the operation's.
    ///   - tooLarge: the failure if there is more.
    /// - Throws: ``Failure`` if the body is too large or truncated.
    package func body(atMost limit: Int, otherwise tooLarge: Failure) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        var bytes: [UInt8] = []
        do {
            for try await buffer in request.body {
                guard bytes.count + buffer.readableBytes <= limit else { throw tooLarge }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch {
            if error is Failure || error is CancellationError { throw error }
            throw Failure.unreadableBody("it is cut off, or its chunks can't be read")
        }
        return bytes
    }

    /// The JSON object in a body.
    /// - Throws: ``Failure`` if it is none.
    package static func jsonObject(in bytes: [UInt8]) throws(Failure) -> JSON {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            throw .unreadableBody(bytes.isEmpty ? "it is empty" : "\(error.reason), at byte \(error.offset)")
        }
        guard case .object = json else { throw .unreadableBody("it is not a JSON object") }
        return json
    }
}
