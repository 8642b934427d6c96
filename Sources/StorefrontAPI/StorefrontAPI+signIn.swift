import Accounts
import HTTPServing
import Hummingbird
import JSON
import OrderServices
import Orders

extension StorefrontAPI {
    /// `POST .../public/auth/login`
    func logIn(_ storeID: StoreID, _ caller: Caller, _ request: Request) async throws -> Response {
        var reader = BodyReader(try await request.jsonObject())
        let (given, password) = (reader.email("email"), Password(presented: reader.secret("password")))
        let email = try reader.finish(given)
        try await count(email.text, in: storeID)
        let tokens = try await signIn.signIn(email, password: password, in: storeID, caller)
        return tokens.map { Response(secret: $0.json) } ?? Self.codeIsOnItsWay
    }

    /// `POST .../public/auth/otp/send`
    func sendCode(_ storeID: StoreID, _ caller: Caller, _ request: Request) async throws -> Response {
        var reader = BodyReader(try await request.jsonObject())
        let given = reader.email("email")
        let password = reader.isGiven("password") ? Password(presented: reader.secret("password")) : nil
        let email = try reader.finish(given)
        try await count(email.text, in: storeID)
        try await signIn.sendCode(to: email, password: password, in: storeID, caller)
        return Self.codeIsOnItsWay
    }

    /// `POST .../public/auth/otp/verify`
    func verifyCode(_ storeID: StoreID, _ caller: Caller, _ request: Request) async throws -> Response {
        var reader = BodyReader(try await request.jsonObject())
        let given = (reader.email("email"), reader.code("otp"))
        let (email, code) = try reader.finish(given.0, given.1)
        try await count(email.text, in: storeID)
        return Response(secret: try await signIn.signIn(email, code: code, in: storeID, caller).json)
    }

    /// `POST .../public/auth/jwt/refresh`
    func refresh(_ storeID: StoreID, _ caller: Caller, _ request: Request) async throws -> Response {
        var reader = BodyReader(try await request.jsonObject())
        let token = reader.secret("refresh")
        try reader.finish()
        return Response(secret: try await signIn.refresh(token, in: storeID, caller).json)
    }

    /// `POST .../public/auth/jwt/blacklist`
    func signOut(_ storeID: StoreID, _ caller: Caller, _ request: Request) async throws -> Response {
        var reader = BodyReader(try await request.jsonObject())
        let tokens = reader.texts("tokens", maximum: SignIn.maximumTokens)
        try reader.finish()
        try await signIn.signOut(tokens, in: storeID, caller)
        return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    }

    /// `POST .../public/auth/forget-password`
    func forgetPassword(_ storeID: StoreID, _ caller: Caller, _ request: Request) async throws -> Response {
        var reader = BodyReader(try await request.jsonObject())
        let given = reader.email("email")
        let email = try reader.finish(given)
        try await count(email.text, in: storeID)
        try await signIn.sendResetLink(to: email, in: storeID, caller)
        return Response(
            secret: ["message": "If this address is a customer's, a link to set a password is on its way to it"])
    }

    /// `POST .../public/auth/save-password`
    func savePassword(_ storeID: StoreID, _ caller: Caller, _ request: Request) async throws -> Response {
        var reader = BodyReader(try await request.jsonObject())
        let (token, password) = (reader.secret("token"), reader.secret("password"))
        try reader.finish()
        try await signIn.setPassword(password, resetToken: token, in: storeID, caller)
        return Response(secret: ["message": "The password is set: sign in with it"])
    }

    /// `POST .../customers/me/set-new-password`
    func setNewPassword(_ buyer: Buyer, _ request: Request, _ context: ServingContext) async throws -> Response {
        var reader = BodyReader(try await request.jsonObject())
        let new = reader.secret("new_password")
        let old = reader.isGiven("current_password") ? reader.secret("current_password") : nil
        try reader.finish()
        try await count("customer \(buyer.customerID)", in: buyer.storeID)
        let caller = caller(request, buyer.storeID, proxies.client(of: request, context))
        return Response(secret: try await signIn.setPassword(new, old: old, of: buyer, caller).json)
    }

    /// The same for everyone, so that it tells nothing.
    private static var codeIsOnItsWay: Response {
        Response(secret: ["message": "If this address is a customer's, a code to sign in with is on its way to it"])
    }
}

extension Response {
    /// JSON that is for the one who asked and for no cache.
    init(secret json: JSON, status: HTTPResponse.Status = .ok) {
        self.init(json: json.encoded, status: status)
        headers[.cacheControl] = "no-store"
    }
}
