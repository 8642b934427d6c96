import HTTPTypes
import Hummingbird
import JSON
import Synchronization

/// The description of all routes: for programs at `/openapi.json`, and for people at `/docs`.
package struct Description: Sendable {
    package let title: String
    package let version: String
    package let description: String
    /// The groups of operations, in the order of the page.
    package let tags: [(name: String, description: String)]
    /// The URL of the server without a trailing slash; empty if it is only known to callers.
    let serverURL: String

    package init(
        title: String, version: String, description: String, tags: [(name: String, description: String)], serverURL: String?
    ) {
        self.serverURL = serverURL ?? ""
        self.title = title
        self.version = version
        self.description = description
        self.tags = tags
    }

    /// Adds the routes of the description. Call this after all other routes have been added.
    package func add(to routes: inout Routes) {
        let content = DescriptionContent()
        routes.add(
            Operation(
                .get, "/openapi.json", "getDescription", tag: "Service", "Get this description",
                answers: [.init(200, "An OpenAPI 3.1 document", content: ("application/json", .inline(["type": "object"])))]),
            .anybody
        ) { _, _ in Response(json: content.document) }
        routes.add(
            Operation(
                .get, "/docs", "readDescription", tag: "Service", "Read this description as a page",
                answers: [.init(200, "A page", content: ("text/html", .inline(["type": "string"])))]),
            .anybody
        ) { _, _ in
            Response(
                status: .ok,
                headers: [
                    .contentType: "text/html; charset=utf-8",
                    .contentSecurityPolicy:
                        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                ],
                body: .init(byteBuffer: ByteBuffer(bytes: content.page)))
        }
        let document = OpenAPIDocument(self, routes.described, routes.schemas).json
        content.set(document.encoded, DocsPage(document, serverURL: serverURL).html)
    }
}

/// The content of the description's routes. It exists once all routes do, including those of the description.
private final class DescriptionContent: Sendable {
    private let content = Mutex<(document: [UInt8], page: [UInt8])>(([], []))

    var document: [UInt8] { content.withLock { $0.document } }
    var page: [UInt8] { content.withLock { $0.page } }

    func set(_ document: [UInt8], _ page: [UInt8]) { content.withLock { $0 = (document, page) } }
}
