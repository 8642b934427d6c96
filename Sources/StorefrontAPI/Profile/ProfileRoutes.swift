import Accounts
import HTTPServing
import Hummingbird
import JSON
import OrderServices
import Orders

/// The signed-in customer's profile: what they read and change about themselves.
struct ProfileRoutes: Sendable {
    let customers: Customers
    let signIn: SignIn
    let access: StorefrontAccess

    private static let path = StorefrontAPI.store + "/customers/me"

    func add(to routes: inout Routes) {
        routes.add(Self.get, access.customer, get)
        routes.add(Self.change, access.customer, change)
        routes.add(Self.setPassword, access.customer, setPassword)
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private static let get = Operation(
        .get, path, "getCustomer", tag: "Customer", "Get your profile",
        "The fields that your orders show, and an address that waits for its proof.", answers: [.init(200, "You", "Customer")],
        isCrossOrigin: true)

    private static let change = Operation(
        .patch, path, "changeCustomer", tag: "Customer", "Change your profile",
        "Fields that are not given stay as they are. Another e-mail address is yours once you have proven it: without otp a code is sent to it, with the code as otp it becomes yours.",
        parameters: [.acceptLanguage], body: "CustomerChange", answers: [.init(200, "You, as you are now", "Customer")],
        isCrossOrigin: true)

    private static let setPassword = Operation(
        .post, path + "/set-new-password", "setNewPassword", tag: "Customer", "Set your password",
        "With new_password, current_password is required if you have one. Ends all your sessions and begins a new one.",
        parameters: [.acceptLanguage], body: "NewPassword", answers: [.init(200, "The tokens of the new session", "Tokens")],
        isCrossOrigin: true)

    private func get(_ buyer: Buyer, _ call: Call) async throws -> Response {
        Response(uncached: try await customers.profile(of: buyer).json)
    }

    private func change(_ buyer: Buyer, _ call: Call) async throws -> Response {
        let change = try Change(try await call.jsonObject())
        let caller = access.caller(call, buyer.storeID)
        if let email = change.email {
            try await access.count(buyer)
            try await customers.changeEmail(
                to: email, code: change.code, of: buyer, language: caller.language, from: caller.client)
        }
        if !change.profile.isEmpty { try await customers.change(change.profile, of: buyer) }
        return try await get(buyer, call)
    }

    private func setPassword(_ buyer: Buyer, _ call: Call) async throws -> Response {
        var reader = BodyReader(try await call.jsonObject())
        let field = reader.isGiven("password") ? "password" : "new_password"
        let new = reader.secret(field)
        let old = reader.isGiven("current_password") ? reader.secret("current_password") : nil
        try reader.finish()
        try await access.count(buyer)
        let client = access.caller(call, buyer.storeID).client
        return Response(
            uncached: try await signIn.setPassword(
                new, in: field, old: old, requiresOld: field == "new_password", of: buyer, from: client
            ).json)
    }

    private static var schemas: [(name: String, schema: JSON)] {
        let fields: [(String, JSON)] = {
            guard case .object(let properties)? = BuyerOrder.schema["properties"]?["customer"]?["properties"] else { return [] }
            return properties.members.map { ($0.name, $0.value) }
        }()
        let details: [(String, JSON)] = [
            ("date_of_birth", ["type": ["string", "null"], "format": "date"]), ("sex", .optionalText),
            ("is_unsubscribe", ["type": "boolean"]),
        ]
        return [
            (
                "CustomerChange",
                .openObject(
                    "What is to be changed.",
                    [("name", .optionalText), ("phone", .optionalText)] + details + [("email", .email), ("otp", .otp)],
                    required: [])
            ),
            (
                "NewPassword",
                .openObject(
                    "The new password, as password or as new_password, and the current one.",
                    [("password", .password), ("new_password", .password), ("current_password", .text)], required: [])
            ),
            (
                "Customer",
                .closedObject("A customer as they see themselves.", fields + [("pending_email", .optionalText)] + details)
            ),
        ]
    }
}

/// The changes that a customer requests.
private struct Change {
    let profile: ProfileChange
    let email: EmailAddress?
    let code: OneTimeCode?

    /// Parses what customers change; missing fields stay unchanged.
    /// - Throws: ``Failure/invalidContent(_:)``.
    init(_ body: JSON) throws(Failure) {
        var reader = BodyReader(body)
        var profile = ProfileChange()
        if reader.isThere("name") { profile.fields.updateValue(reader.optionalText("name", maximum: 200), forKey: .name) }
        if reader.isThere("phone") { profile.fields.updateValue(reader.optionalPhone("phone"), forKey: .phone) }
        if reader.isThere("date_of_birth") { profile.dateOfBirth = .some(reader.optionalDate("date_of_birth")) }
        if reader.isThere("sex") { profile.sex = .some(reader.optionalText("sex", maximum: 50)) }
        if reader.isGiven("is_unsubscribe") { profile.isUnsubscribed = reader.flag("is_unsubscribe") }
        self.profile = profile
        email = reader.isGiven("email") ? reader.email("email") : nil
        code = reader.isGiven("otp") ? reader.code("otp") : nil
        if code != nil, email == nil { reader.refuse("email", "is required together with otp") }
        try reader.finish()
    }
}

extension Profile {
    /// The fields that the customer's orders show, `pending_email`, and the details.
    fileprivate var json: JSON {
        get throws {
            guard let json = try? JSON(parsing: document) else { throw StorageFailure.damaged }
            return json.replacing([
                ("pending_email", JSON(pendingEmail?.text)), ("date_of_birth", JSON(details.dateOfBirth)),
                ("sex", JSON(details.sex)),
                ("is_unsubscribe", .bool(details.isUnsubscribed)),
            ])
        }
    }
}
