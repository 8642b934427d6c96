import HTTPTypes
package import Hummingbird
import Orders

/// Answers every request: with what its route says, or with the error that stands for what went wrong.
package struct ServingResponder: HTTPResponder {
    package typealias Context = ServingContext

    let routes: RouterResponder<ServingContext>
    let all: [Route]
    let crossOrigin: CrossOrigin?
    let log: RequestLog

    package func respond(to request: Request, context: ServingContext) async throws -> Response {
        let entry = log.begin(id: request.headers[.requestID])
        if let answer = crossOrigin?.preflight(request) {
            return finish(answer, entry, request, route: nil)
        }
        var response: Response
        var isKnown = true
        do {
            response = try await routes.respond(to: request, context: context)
            // The router answers an address or method that it does not know by itself, without a route and without a body.
            isKnown = context.endpointPath != "NotFound"
            if !isKnown { response = Response(unknownAddress(request)) }
        } catch let error as Failure {
            response = Response(error)
        } catch let error as StorageFailure {
            log.report(error, entry)
            response = Response(.unavailable)
        } catch {
            log.report(error, entry)
            response = Response(.internalError)
        }
        if request.method == .head { response = response.createHeadResponse() }
        crossOrigin?.complete(&response, to: request)
        return finish(response, entry, request, route: isKnown ? context.endpointPath : nil)
    }

    private func finish(_ response: Response, _ entry: RequestLog.Entry, _ request: Request, route: String?) -> Response {
        var response = response
        response.headers[.requestID] = entry.id
        log.end(
            entry, method: request.method.rawValue, status: response.status.code, bytes: response.body.contentLength ?? 0,
            route: route)
        return response
    }

    private func unknownAddress(_ request: Request) -> Failure {
        let methods = all.filter { $0.matches(request.uri.path) }.flatMap(\.methods)
        return methods.isEmpty ? .notFound : .methodNotAllowed(allowed: methods)
    }
}
