import JSON
import Orders

extension OpenAPI {
    /// The routes of signing in and of the customer, in the order of the document.
    static let operations = signIn + customer + addresses

    private static let signIn = [
        Operation(
            path: "/public/auth/login", method: "post", tag: "Signing in", id: "logIn", summary: "Sign in with a password",
            description:
                "Where the store asks for a one-time code too, the answer is a message instead of tokens, and a code is sent. A wrong password and an address of nobody's are one and the same 401.",
            caller: .storefront, body: "Credentials", answer: (200, "The tokens of a session, or a message", "TokensOrMessage"),
            errors: [401]),
        Operation(
            path: "/public/auth/otp/send", method: "post", tag: "Signing in", id: "sendCode",
            summary: "Have a one-time code sent",
            description:
                "The code has six digits, is valid for 10 minutes and works once. One is sent a minute. The answer is the same for an address of nobody's.",
            caller: .storefront, body: "CodeRequest", answer: (200, "The same message for everyone", "Message"), errors: [401]),
        Operation(
            path: "/public/auth/otp/verify", method: "post", tag: "Signing in", id: "verifyCode",
            summary: "Sign in with a one-time code", description: "A code can be tried five times.", caller: .storefront,
            body: "Code", answer: (200, "The tokens of a session", "Tokens"), errors: [401]),
        Operation(
            path: "/public/auth/jwt/refresh", method: "post", tag: "Signing in", id: "refresh",
            summary: "Get new tokens for a refresh token",
            description:
                "A refresh token works once; within 10 seconds it gives the same answer again, for those who lost it. Used later than that it ends its session.",
            caller: .storefront, body: "Refresh", answer: (200, "The next tokens of the session", "Tokens"), errors: [401]),
        Operation(
            path: "/public/auth/jwt/blacklist", method: "post", tag: "Signing in", id: "signOut", summary: "Sign out",
            description:
                "An access token ends, a refresh token ends with its session. What is no token of the store's is passed over.",
            caller: .storefront, body: "TokenList", answer: (204, "Done", nil)),
        Operation(
            path: "/public/auth/forget-password", method: "post", tag: "Signing in", id: "forgetPassword",
            summary: "Have a link to set a password by sent",
            description:
                "It leads to /reset-password?token=... at the calling origin, else at the service's public URL, is valid for an hour and works once. The answer is the same for an address of nobody's.",
            caller: .storefront, body: "EmailOnly", answer: (200, "The same message for everyone", "Message")),
        Operation(
            path: "/public/auth/save-password", method: "post", tag: "Signing in", id: "savePassword",
            summary: "Set a password by the token of a link", description: "Ends all sessions of the customer.",
            caller: .storefront, body: "PasswordReset", answer: (200, "A message", "Message"), errors: [401]),
    ]

    private static let customer = [
        Operation(
            path: "/customers/me", method: "get", tag: "Customer", id: "getCustomer", summary: "Get yourself",
            description: "The fields that your orders have, and an address that waits for its proof.", caller: .customer,
            answer: (200, "You", "Customer")),
        Operation(
            path: "/customers/me", method: "patch", tag: "Customer", id: "changeCustomer", summary: "Change yourself",
            description:
                "What is not given stays as it is. Another e-mail address is yours when you have proven it: without otp a code is sent to it, with the code as otp it becomes yours.",
            caller: .customer, body: "CustomerChange", answer: (200, "You, as you are now", "Customer"), errors: [409]),
        Operation(
            path: "/customers/me/set-new-password", method: "post", tag: "Customer", id: "setNewPassword",
            summary: "Set your password",
            description: "current_password is needed where there is one. Ends all your sessions and begins a new one.",
            caller: .customer, body: "NewPassword", answer: (200, "The tokens of the new session", "Tokens")),
    ]

    private static let addresses = [
        Operation(
            path: "/customers/me/addresses", method: "get", tag: "Customer", id: "listAddresses", summary: "List your addresses",
            description: "Oldest first, all of them.", caller: .customer, answer: (200, "Your addresses", "AddressList")),
        Operation(
            path: "/customers/me/addresses", method: "post", tag: "Customer", id: "addAddress", summary: "Keep another address",
            description: "Up to 50.", caller: .customer, body: "NewAddress", answer: (201, "The address with its id", "Address"),
            errors: [409]),
        Operation(
            path: "/customers/me/addresses/{id}", method: "get", tag: "Customer", id: "getAddress",
            summary: "Get one of your addresses", description: "Someone else's and one that never was are the same 404.",
            caller: .customer, answer: (200, "The address", "Address")),
        Operation(
            path: "/customers/me/addresses/{id}", method: "patch", tag: "Customer", id: "changeAddress",
            summary: "Change one of your addresses", description: "What is not given stays as it is.", caller: .customer,
            body: "AddressChange", answer: (200, "The address as it is now", "Address")),
        Operation(
            path: "/customers/me/addresses/{id}", method: "delete", tag: "Customer", id: "removeAddress",
            summary: "Remove one of your addresses", description: "Orders keep the address that they have.", caller: .customer,
            answer: (204, "Done", nil)),
    ]

    /// The schemas of what goes in and out there.
    static var accountSchemas: [(name: String, value: JSON)] {
        let text: JSON = ["type": "string"]
        let email: JSON = ["type": "string", "format": "email", "maxLength": 254]
        let password: JSON = ["type": "string", "minLength": 8, "maxLength": 200]
        let otp: JSON = ["type": "string", "pattern": "^ *([0-9] *){6}$"]
        let optional: JSON = ["type": ["string", "null"]]
        let location: JSON = ["type": ["integer", "string", "null"]]
        let lines = ["phone", "subdistrict", "city", "province", "postal_code"].map { ($0, optional) }
        let fields = [("name", text), ("location", location), ("address", text)] + lines
        let customerFields: [(String, JSON)] = {
            guard case .object(let properties)? = BuyerOrder.schema["properties"]?["customer"]?["properties"] else { return [] }
            return properties.members.map { ($0.name, $0.value) }
        }()
        let tokens: [(String, JSON)] = [
            ("access", text), ("refresh", text), ("token_type", ["const": "Bearer"]), ("expires_in", ["type": "integer"]),
            ("refresh_expires_in", ["type": "integer"]), ("store_unique_id", text),
        ]
        let (address, message) = ([("id", ["type": "integer"])] + fields, [("message", text)])
        return [
            ("Credentials", object("An e-mail address and its password.", [("email", email), ("password", text)])),
            (
                "CodeRequest",
                object("The password is checked where it is given.", [("email", email), ("password", text)], ["email"])
            ),
            ("Code", object("The code that was sent.", [("email", email), ("otp", otp)])),
            ("Refresh", object("The newest refresh token of a session.", [("refresh", text)])),
            (
                "TokenList",
                object("Access and refresh tokens.", [("tokens", ["type": "array", "maxItems": 20, "items": text])])
            ),
            ("EmailOnly", object("An e-mail address.", [("email", email)])),
            ("PasswordReset", object("The token of the link, and the new password.", [("token", text), ("password", password)])),
            (
                "NewPassword",
                object(
                    "The new password and the one before.", [("new_password", password), ("current_password", text)],
                    ["new_password"])
            ),
            (
                "CustomerChange",
                object(
                    "What is to be changed.", [("name", optional), ("phone", optional), ("email", email), ("otp", otp)], [])
            ),
            ("NewAddress", object("An address for parcels.", fields, ["name", "address"])),
            ("AddressChange", object("What is to be changed.", fields, [])),
            ("Address", closed("An address for parcels.", address)),
            (
                "AddressList",
                closed(
                    "A list without pages.",
                    [
                        ("data", ["type": "array", "items": ["$ref": "#/components/schemas/Address"]]),
                        ("is_paginated", ["const": false]),
                    ])
            ),
            ("Customer", closed("A customer as they see themselves.", customerFields + [("pending_email", optional)])),
            ("Tokens", closed("The tokens of a session; lifetimes are seconds.", tokens)),
            ("Message", closed("Words for the person.", message)),
            (
                "TokensOrMessage",
                [
                    "description": "Tokens, or a message where a code is needed too.",
                    "oneOf": [["$ref": "#/components/schemas/Tokens"], ["$ref": "#/components/schemas/Message"]],
                ]
            ),
        ]
    }

    /// What comes in: other members are passed over.
    private static func object(_ description: String, _ fields: [(String, JSON)], _ required: [String]? = nil) -> JSON {
        [
            "description": .string(description), "type": "object",
            "required": .array((required ?? fields.map(\.0)).map { .string($0) }), "properties": .object(JSONObject(fields)),
        ]
    }

    /// What goes out: all of these and no others.
    private static func closed(_ description: String, _ fields: [(String, JSON)]) -> JSON {
        [
            "description": .string(description), "type": "object", "additionalProperties": false,
            "required": .array(fields.map(\.0).sorted().map { .string($0) }), "properties": .object(JSONObject(fields)),
        ]
    }
}
