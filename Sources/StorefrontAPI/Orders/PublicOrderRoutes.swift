import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import OrderServices
import Orders

/// Orders by their secret links, for the pages of a store.
struct PublicOrderRoutes: Sendable {
    let orders: PublicOrders
    let access: StorefrontAccess

    func add(to routes: inout Routes) {
        routes.add(Self.get, access.visitor, get)
        routes.add(Self.update, access.visitor, update)
        routes.add(Self.payment, access.visitor, payment)
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    static let path = StorefrontAPI.store + "/public/orders/{secret_slug}"
    static let parameters = [Parameter("secret_slug", in: .path, "The secret of the order's link.")]
    private static let answer = Operation.Answer(200, "The order, with how to pay it", "PublicOrder")

    private static let get = Operation(
        .get, path, "getPublicOrder", tag: "Public orders", "Get an order by its secret link",
        "The e-mail address and the phone number are masked, and the street is left out, unless the customer's access token comes along (Authorization: Bearer). Links that never were, and those that were replaced or have ended, get the same 404.",
        parameters: parameters, answers: [answer], errors: [401], isConditional: true, isCrossOrigin: true)

    private static let update = Operation(
        .patch, path, "updatePublicOrder", tag: "Public orders", "Say how an order was paid",
        "As long as it waits for its payment. null takes back an earlier value; other fields are ignored.",
        parameters: parameters,
        body: "ReportedPayment", answers: [answer], errors: [400, 401], isCrossOrigin: true)

    private static let payment = Operation(
        .post, path + "/payment", "getPublicOrderPayment", tag: "Public orders", "Get an order with how to pay it",
        "The same as the order itself, again and again.", parameters: parameters, answers: [answer], errors: [401],
        isCrossOrigin: true)

    private func get(_ visitor: Visitor, _ call: Call) async throws -> Response {
        let known = IfNoneMatch(call.request.headers[.ifNoneMatch])
        return Response(
            public: try await orders.order(
                try call.secretSlug(), in: visitor.storeID, shownTo: visitor.buyer, isKnown: known?.isKnown ?? { _ in false }))
    }

    private func payment(_ visitor: Visitor, _ call: Call) async throws -> Response {
        Response(
            public: try await orders.order(
                try call.secretSlug(), in: visitor.storeID, shownTo: visitor.buyer, isKnown: { _ in false }))
    }

    private func update(_ visitor: Visitor, _ call: Call) async throws -> Response {
        let slug = try call.secretSlug()
        try await access.countReport(of: slug, call, in: visitor.storeID)
        var reader = BodyReader(try await call.jsonObject())
        var payment = ReportedPayment()
        func take(_ name: String, _ value: (inout BodyReader) -> JSON) {
            if reader.isThere(name) { payment.fields.append((name, value(&reader))) }
        }
        take("transferproof_url") { JSON($0.optionalURL("transferproof_url")) }
        take("transfer_time") { JSON($0.optionalTime("transfer_time")?.description) }
        take("payment_account_holder") { JSON($0.optionalText("payment_account_holder", maximum: 200)) }
        take("payment_account_number") { JSON($0.optionalText("payment_account_number", maximum: 100)) }
        take("notes") { JSON($0.optionalText("notes", maximum: 1000, hasLines: true)) }
        payment.account = reader.optionalText("payment_account", maximum: 100)
        payment.bank = reader.integer("financial_entity_id")
        if reader.isGiven("financial_entity_id"), payment.bank == nil {
            reader.refuse("financial_entity_id", "is not a whole number")
        }
        payment.takesBackAccount = ["payment_account", "financial_entity_id"].contains {
            reader.isThere($0) && reader.isEmpty($0)
        }
        try reader.finish()
        return Response(public: try await orders.report(payment, of: slug, in: visitor.storeID, shownTo: visitor.buyer))
    }

    private static var schemas: [(name: String, schema: JSON)] {
        [
            ("PublicOrder", PublicOrder.schema),
            (
                "ReportedPayment",
                .openObject(
                    "What somebody says about their payment.",
                    [
                        ("transferproof_url", .optionalText),
                        ("transfer_time", ["type": ["string", "null"], "format": "date-time"]),
                        ("financial_entity_id", ["type": ["integer", "null"]]), ("payment_account", .optionalText),
                        ("payment_account_holder", .optionalText), ("payment_account_number", .optionalText),
                        ("notes", .optionalText),
                    ], required: [])
            ),
        ]
    }
}

extension Call {
    /// The secret in the path of a link.
    /// - Throws: ``Failure/publicOrderNotFound`` if it is none.
    func secretSlug() throws(Failure) -> String {
        guard let slug = pathParameter("secret_slug") else { throw .publicOrderNotFound }
        return slug
    }
}

extension Response {
    /// A public order, which nobody may keep without asking again: it may be another one's next time, if somebody has signed in.
    fileprivate init(public answer: Answer) {
        self.init(
            status: answer.body == nil ? .notModified : .ok,
            body: answer.body.map { .init(byteBuffer: ByteBuffer(bytes: $0)) } ?? .init())
        answer.appendFields(to: &headers, isDirect: false)
        // A link is not to be found, nor to be told to whoever is linked to.
        headers[.xRobotsTag] = "noindex"
        headers[.referrerPolicy] = "no-referrer"
    }
}

extension HTTPField.Name {
    static let xRobotsTag = HTTPField.Name("X-Robots-Tag")!
    fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
