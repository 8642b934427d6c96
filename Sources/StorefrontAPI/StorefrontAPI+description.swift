import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import Orders

extension StorefrontAPI {
    /// `GET /openapi.json`
    func getDescription(_ request: Request, _ context: ServingContext) -> Response {
        Response(json: Self.description)
    }

    /// `GET /docs`
    func readDescription(_ request: Request, _ context: ServingContext) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .contentSecurityPolicy:
                    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: Self.page)))
    }

    private static let description = OpenAPI.document.encoded
    private static let page = DocsPage(OpenAPI.document).html
}
