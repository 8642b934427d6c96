import Accounts
import HTTPServing
import Hummingbird
import JSON
import OrderServices
import Orders

/// The routes for signing in, staying signed in and signing out.
struct SignInRoutes: Sendable {
    let signIn: SignIn
    let access: StorefrontAccess

    func add(to routes: inout Routes) {
        routes.add(Self.logIn, access.storefront, logIn)
        routes.add(Self.sendCode, access.storefront, sendCode)
        routes.add(Self.verifyCode, access.storefront, verifyCode)
        routes.add(Self.refresh, access.storefront, refresh)
        routes.add(Self.signOut, access.storefront, signOut)
        routes.add(Self.forgetPassword, access.storefront, forgetPassword)
        routes.add(Self.savePassword, access.storefront, savePassword)
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private func logIn(_ caller: StorefrontCaller, _ call: Call) async throws -> Response {
        var reader = BodyReader(try await call.jsonObject())
        let (given, password) = (reader.email("email"), Password(presented: reader.secret("password")))
        let email = try reader.finish(given)
        try await count(email, caller)
        let tokens = try await signIn.signIn(
            email, password: password, in: caller.storeID, language: caller.language, from: caller.client)
        return tokens.map { Response(uncached: $0.json) } ?? Self.codeIsOnItsWay
    }

    private func sendCode(_ caller: StorefrontCaller, _ call: Call) async throws -> Response {
        var reader = BodyReader(try await call.jsonObject())
        let given = reader.email("email")
        let password = reader.isGiven("password") ? Password(presented: reader.secret("password")) : nil
        reader.checkRole()
        let email = try reader.finish(given)
        try await count(email, caller)
        try await signIn.sendCode(
            to: email, password: password, in: caller.storeID, language: caller.language, from: caller.client)
        return Self.codeIsOnItsWay
    }

    private func verifyCode(_ caller: StorefrontCaller, _ call: Call) async throws -> Response {
        var reader = BodyReader(try await call.jsonObject())
        let given = (reader.email("email"), reader.code("otp"))
        reader.checkRole()
        let (email, code) = try reader.finish(given.0, given.1)
        let isKnown = try await count(email, caller)
        return Response(
            uncached: try await signIn.signIn(
                email, code: code, in: caller.storeID, from: caller.client, isKnown: isKnown
            ).json)
    }

    /// Counts an attempt for an address.
    /// - Returns: whether somebody has signed in with it from this client.
    @discardableResult
    private func count(_ email: EmailAddress, _ caller: StorefrontCaller) async throws -> Bool {
        let isKnown = try await signIn.isKnown(caller.client, to: email, in: caller.storeID)
        try await access.count(email, from: caller, isKnown: isKnown)
        return isKnown
    }

    private func refresh(_ caller: StorefrontCaller, _ call: Call) async throws -> Response {
        var reader = BodyReader(try await call.jsonObject())
        let token = reader.secret("refresh")
        try reader.finish()
        return Response(uncached: try await signIn.refresh(token, in: caller.storeID, from: caller.client).json)
    }

    private func signOut(_ caller: StorefrontCaller, _ call: Call) async throws -> Response {
        var reader = BodyReader(try await call.jsonObject())
        let tokens = reader.texts("tokens", maximum: SignIn.maximumTokens)
        try reader.finish()
        try await signIn.signOut(tokens, in: caller.storeID, from: caller.client)
        return .noContent
    }

    private func forgetPassword(_ caller: StorefrontCaller, _ call: Call) async throws -> Response {
        var reader = BodyReader(try await call.jsonObject())
        let given = reader.email("email")
        let email = try reader.finish(given)
        try await count(email, caller)
        try await signIn.sendResetLink(
            to: email, in: caller.storeID, origin: caller.origin, language: caller.language)
        return .noContent
    }

    private func savePassword(_ caller: StorefrontCaller, _ call: Call) async throws -> Response {
        var reader = BodyReader(try await call.jsonObject())
        let (token, password) = (reader.secret("token"), reader.secret("password"))
        try reader.finish()
        try await signIn.setPassword(password, resetToken: token, in: caller.storeID, from: caller.client)
        return .noContent
    }

    /// The same answer for everyone, so that it reveals nothing.
    private static var codeIsOnItsWay: Response {
        Response(uncached: ["message": "If this address is a customer's, a code to sign in with is on its way to it"])
    }
}

extension SessionTokens {
    /// The tokens in the format of `api.md`.
    var json: JSON {
        [
            "access": .string(access), "refresh": .string(refresh), "token_type": "Bearer",
            "expires_in": .number(String(Self.accessLifetime)), "refresh_expires_in": .number(String(Self.refreshLifetime)),
            "store_unique_id": .string(storeID.text),
        ]
    }
}

extension BodyReader {
    /// `login_as`: only customers sign in here.
    fileprivate mutating func checkRole() {
        guard isGiven("login_as") else { return }
        if secret("login_as") == "owner" {
            refuse("login_as", "can't be owner: owners don't sign in here, a merchant's programs use a business key")
        } else {
            _ = value("login_as", otherwise: "must be customer") { $0 == "customer" ? $0 : nil }
        }
    }

    /// A required one-time code.
    mutating func code(_ field: String) -> OneTimeCode? {
        value(field, otherwise: "is not a code of six digits") { OneTimeCode($0) }
    }
}
