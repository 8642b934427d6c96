package import Hummingbird
package import JSON
import Orders

extension Request {
    /// A body may have as many bytes.
    package static let maximumBody = 64 * 1024

    /// The body as a JSON object.
    /// - Throws: ``Failure/bodyTooLarge(limit:)``, ``Failure/unreadableBody(reason:)``.
    package func jsonObject() async throws -> JSON {
        let tooLarge = Failure.bodyTooLarge(limit: Self.maximumBody)
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > Self.maximumBody { throw tooLarge }
        var bytes: [UInt8] = []
        do {
            for try await buffer in body {
                guard bytes.count + buffer.readableBytes <= Self.maximumBody else { throw tooLarge }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch {
            if error is Failure || error is CancellationError { throw error }
            throw Failure.unreadableBody(reason: "it is cut off, or its chunks can't be read")
        }
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            throw Failure.unreadableBody(reason: bytes.isEmpty ? "it is empty" : "\(error.reason), at byte \(error.offset)")
        }
        guard case .object = json else { throw Failure.unreadableBody(reason: "it is not a JSON object") }
        return json
    }
}
