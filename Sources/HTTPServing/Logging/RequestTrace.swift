/// A request on its way, for log lines that are written after its handler has returned.
package struct RequestTrace: Sendable {
    let log: RequestLog
    let entry: RequestLog.Entry
    let method: String
    var route: String?

    /// The stream that answers the request has ended.
    func end(_ reason: StreamEnd, bytes: Int) {
        if case .failed(let error) = reason { log.report(error, entry) }
        log.end(entry, "stream ended", method: method, status: 200, bytes: bytes, route: route, reason: reason.word)
    }
}
