import HTTPServing
import JSON

extension SignInRoutes {
    private static func post(
        _ path: String, _ id: String, _ summary: String, _ description: String, body: String, _ answer: Operation.Answer,
        errors: Set<Int> = []
    ) -> Operation {
        Operation(
            .post, StorefrontAPI.store + "/public/auth/" + path, id, tag: "Signing in", summary, description,
            parameters: [.acceptLanguage], body: body, answers: [answer], errors: errors, isCrossOrigin: true)
    }

    static let logIn = post(
        "login", "logIn", "Sign in with a password",
        "If the store asks for a one-time code too, the answer is a message instead of tokens, and a code is sent. A wrong password and an unknown address get the same 401.",
        body: "Credentials", .init(200, "The tokens of a session, or a message", "TokensOrMessage"), errors: [401])

    static let sendCode = post(
        "otp/send", "sendCode", "Request a one-time code",
        "The code has six digits, is valid for 10 minutes and works once. One code is sent per minute. The answer is the same for an unknown address.",
        body: "CodeRequest", .init(200, "The same message for everyone", "Message"), errors: [401])

    static let verifyCode = post(
        "otp/verify", "verifyCode", "Sign in with a one-time code", "A code can be tried five times.", body: "Code",
        .init(200, "The tokens of a session", "Tokens"), errors: [401])

    static let refresh = post(
        "jwt/refresh", "refresh", "Get new tokens for a refresh token",
        "A refresh token works once. For 10 seconds it may be used again, by a client that lost the answer or by another tab; each gets tokens of its own. Used later than that, it ends its session.",
        body: "Refresh", .init(200, "The next tokens of the session", "Tokens"), errors: [401])

    static let signOut = post(
        "jwt/blacklist", "signOut", "Sign out",
        "Revokes access tokens, and refresh tokens with their sessions. Anything that is no token of the store is ignored.",
        body: "TokenList", .init(204, "Done"))

    static let forgetPassword = post(
        "forget-password", "forgetPassword", "Request a link to set a password",
        "The link leads to /reset-password?token=... at the calling origin, else at the service's public URL. It is valid for an hour and works once. The answer is the same for an unknown address.",
        body: "EmailOnly", .init(204, "Done, for everyone alike"))

    static let savePassword = post(
        "save-password", "savePassword", "Set a password with the token of a link", "Ends all sessions of the customer.",
        body: "PasswordReset", .init(204, "Done"), errors: [404])

    static var schemas: [(name: String, schema: JSON)] {
        [
            ("Credentials", .openObject("An e-mail address and its password.", [("email", .email), ("password", .text)])),
            (
                "CodeRequest",
                .openObject(
                    "The password is checked if it is given.", [("email", .email), ("password", .text), ("login_as", .loginAs)],
                    required: ["email"])
            ),
            (
                "Code",
                .openObject(
                    "The code that was sent.", [("email", .email), ("otp", .otp), ("login_as", .loginAs)],
                    required: ["email", "otp"])
            ),
            ("Refresh", .openObject("The newest refresh token of a session.", [("refresh", .text)])),
            (
                "TokenList",
                .openObject("Access and refresh tokens.", [("tokens", ["type": "array", "maxItems": 20, "items": .text])])
            ),
            ("EmailOnly", .openObject("An e-mail address.", [("email", .email)])),
            (
                "PasswordReset",
                .openObject("The token of the link, and the new password.", [("token", .text), ("password", .password)])
            ),
            (
                "Tokens",
                .closedObject(
                    "The tokens of a session; lifetimes are seconds.",
                    [
                        ("access", .text), ("refresh", .text), ("token_type", ["const": "Bearer"]),
                        ("expires_in", ["type": "integer"]), ("refresh_expires_in", ["type": "integer"]),
                        ("store_unique_id", .text),
                    ])
            ),
            ("Message", .closedObject("Words for the person.", [("message", .text)])),
            (
                "TokensOrMessage",
                [
                    "description": "Tokens, or a message if a code is needed too.",
                    "oneOf": [.reference("schemas", "Tokens"), .reference("schemas", "Message")],
                ]
            ),
        ]
    }
}

extension Parameter {
    static let acceptLanguage = Parameter("Accept-Language", in: .header, "The language of mails, id or en; id by default.")
}

/// The schemas that several routes share.
extension JSON {
    static let email: JSON = ["type": "string", "format": "email", "maxLength": 254]
    static let password: JSON = ["type": "string", "minLength": 8, "maxLength": 200]
    static let loginAs: JSON = ["const": "customer"]
    static let otp: JSON = ["type": "string", "description": "Six digits. Blanks and hyphens are ignored.", "maxLength": 200]
}
