import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import OrderServices
import Orders
import Pictures

/// The pictures with which buyers show that they have paid.
struct TransferProofRoutes: Sendable {
    let proofs: TransferProofs
    let addresses: ReportedProofs
    let access: StorefrontAccess

    func add(to routes: inout Routes) {
        routes.add(Self.announce, access.visitor, announce)
        routes.add(Self.send, access.holder, send)
        routes.add(Self.file, access.holder, file)
        routes.add(Self.ofPublic, access.visitor, ofPublic)
        routes.add(Self.ofBuyer, access.customer, ofBuyer)
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private func announce(_ visitor: Visitor, _ call: Call) async throws -> Response {
        let slug = try call.secretSlug()
        try await access.countReport(of: slug, call, in: visitor.storeID)
        var reader = BodyReader(try await call.jsonObject())
        let filename = reader.text("filename", maximum: 255)
        let format = reader.choice("content_type", of: PictureFormat.allCases.map(\.contentType)).flatMap {
            PictureFormat(rawValue: $0)
        }
        if !reader.isGiven("content_type") { reader.refuse("content_type", "is required") }
        let size = reader.integer("content_length")
        if size == nil, !reader.isNumber("content_length") {
            reader.refuse("content_length", reader.isGiven("content_length") ? "is not a whole number" : "is required")
        }
        if let size, !(1...TransferProofs.maximumSize).contains(size) {
            reader.refuse("content_length", "must be from 1 to \(TransferProofs.maximumSize)")
        }
        let (givenFormat, givenSize) = try reader.finish(format, size)
        let token = try await proofs.announce(filename, givenFormat, size: givenSize, for: slug, in: visitor.storeID)
        return Response(uncached: [
            "key": .string(token.key.text), "filename": .string(filename), "content_type": .string(givenFormat.contentType),
            "size_in_bytes": .number(String(givenSize)),
            "file_url": .string(addresses.address(of: token.key, in: visitor.storeID)),
            "upload_url": .string(addresses.uploadAddress(token.text, in: visitor.storeID)),
        ])
    }

    private func send(_ storeID: StoreID?, _ call: Call) async throws -> Response {
        guard let storeID, let token = call.pathParameter("token").flatMap({ UploadToken($0) }) else {
            throw Failure.uploadNotFound
        }
        try await proofs.send(token, in: storeID) { size in
            try await call.body(atMost: Int(size), otherwise: .uploadTooLarge(limit: size))
        }
        return Response(status: .ok, headers: [.cacheControl: "no-store"])
    }

    private func file(_ storeID: StoreID?, _ call: Call) async throws -> Response {
        guard let storeID, let key = call.pathParameter("key").flatMap({ FileKey($0) }) else { throw Failure.fileNotFound }
        let (format, parts) = try await proofs.file(key, in: storeID)
        let tag = "\"\(key)\""
        var response: Response
        if let known = IfNoneMatch(call.request.headers[.ifNoneMatch]), known.contains(tag) {
            response = Response(status: .notModified)
        } else {
            response = call.stream(format.contentType, lasting: Self.longestDownload) { writer in
                for try await part in parts { try await writer.write(part) }
            }
            // Whatever it is, nothing in it may run, nor be shown as something else.
            response.headers[.xContentTypeOptions] = "nosniff"
            response.headers[.contentSecurityPolicy] = "default-src 'none'; sandbox"
            response.headers[.contentDisposition] = "inline; filename=\"transfer-proof.\(format.fileExtension)\""
            response.headers[.crossOriginResourcePolicy] = "cross-origin"
        }
        response.headers[.eTag] = tag
        response.headers[.cacheControl] = "private, max-age=86400, immutable"
        response.headers[.xRobotsTag] = "noindex"
        return response
    }

    private static let longestDownload = Duration.seconds(600)

    private func ofPublic(_ visitor: Visitor, _ call: Call) async throws -> Response {
        Response(uncached: try await proofs.proof(ofPublic: try call.secretSlug(), in: visitor.storeID))
    }

    private func ofBuyer(_ buyer: Buyer, _ call: Call) async throws -> Response {
        Response(uncached: try await proofs.proof(of: try call.orderReference(), for: buyer))
    }
}

extension HTTPField.Name {
    fileprivate static let crossOriginResourcePolicy = HTTPField.Name("Cross-Origin-Resource-Policy")!
}
