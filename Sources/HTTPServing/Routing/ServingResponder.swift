import HTTPTypes
package import Hummingbird
import Orders

/// Answers every request with the route's response, or with the answer for the error that occurred.
package struct ServingResponder: HTTPResponder {
    package typealias Context = ServingContext

    let routes: RouterResponder<ServingContext>
    /// All operations, by path.
    let operations: [String: [Operation]]
    let crossOrigins: [CrossOrigin]
    let log: RequestLog
    /// The answer to addresses that none of the routes has.
    let other: Failure

    package func respond(to request: Request, context: ServingContext) async throws -> Response {
        let entry = log.begin(id: request.headers[.requestID])
        if let answer = preflight(request) { return finish(answer, entry, request, route: nil) }
        var context = context
        context.trace = RequestTrace(log: log, entry: entry, method: request.method.rawValue)
        var response: Response
        do {
            guard request.head.isOfAcceptedSize else { throw Failure.headerTooLarge }
            response = try await routes.respond(to: request, context: context)
            // The router answers an unknown address or method itself, without a body.
            if route(context) == nil { response = unknown(request) }
        } catch let error as Failure {
            response = Response(error)
        } catch let error as StorageFailure {
            log.report(error, entry)
            response = Response(error.answer)
        } catch {
            log.report(error, entry)
            response = Response(.internalError)
        }
        if request.method == .head { response = response.createHeadResponse() }
        let route = route(context)
        crossOrigin(request, isAllowed: route.map { operations[$0]!.contains(where: \.isCrossOrigin) } ?? true)?
            .complete(&response, to: request)
        return finish(response, entry, request, route: route)
    }

    /// The path of the operation that answered, with its parameters in braces; `nil` if there is none.
    private func route(_ context: ServingContext) -> String? {
        context.endpointPath.flatMap { operations[$0] == nil ? nil : $0 }
    }

    private func preflight(_ request: Request) -> Response? {
        guard CrossOrigin.isPreflight(request) else { return nil }
        let matching = operations.values.joined().filter { $0.matches(request.uri.path) }
        return crossOrigin(request, isAllowed: matching.isEmpty || matching.contains(where: \.isCrossOrigin))?.preflight(request)
    }

    /// - Parameter isAllowed: whether pages of other origins may call the route at all.
    private func crossOrigin(_ request: Request, isAllowed: Bool) -> CrossOrigin? {
        isAllowed ? crossOrigins.first { $0.covers(request.uri.path) } : nil
    }

    private func finish(_ response: Response, _ entry: RequestLog.Entry, _ request: Request, route: String?) -> Response {
        var response = response
        response.headers[.requestID] = entry.id
        response.headers[.scalevRequestID] = entry.id
        // If an answer has no length, only its beginning is known here: the stream itself logs how it ended.
        log.end(
            entry, response.body.contentLength == nil ? "stream began" : "request", method: request.method.rawValue,
            status: response.status.code, bytes: response.body.contentLength ?? 0, route: route)
        return response
    }

    private func unknown(_ request: Request) -> Response {
        // The router prefers a path without parameters.
        let matching = operations.values.joined().filter { $0.matches(request.uri.path) }
        let exact = matching.filter { !$0.path.contains("{") }
        let methods = (exact.isEmpty ? matching : exact).flatMap(\.methods)
        return methods.isEmpty ? Response(other) : Response(methodNotAllowed: methods)
    }
}

extension HTTPRequest {
    /// Whether its header is within the limits (``ConnectionLimits``).
    fileprivate var isOfAcceptedSize: Bool {
        headerFields.count <= ConnectionLimits.headerFields
            && headerFields.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count } <= ConnectionLimits.headerBytes
    }
}
