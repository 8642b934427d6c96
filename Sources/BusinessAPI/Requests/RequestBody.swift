import HTTPServing
import Orders

/// The body of a request that writes.
struct RequestBody: Sendable {
    let bytes: [UInt8]

    /// - Throws: ``Failure`` if it is no JSON object.
    func reader() throws(Failure) -> BodyReader { BodyReader(try Call.jsonObject(in: bytes)) }
}
