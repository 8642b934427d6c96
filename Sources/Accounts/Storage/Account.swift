package import Orders

/// What signs a customer in.
package struct Account: Sendable {
    package let buyer: Buyer
    package let email: EmailAddress
    /// None before a password was set.
    package let passwordHash: PasswordHash?
    /// How often all sessions of the customer were ended.
    package let generation: Int64

    package init(buyer: Buyer, email: EmailAddress, passwordHash: PasswordHash?, generation: Int64) {
        self.buyer = buyer
        self.email = email
        self.passwordHash = passwordHash
        self.generation = generation
    }
}

/// A customer as they see themselves.
package struct Profile: Sendable {
    /// The `customer` of every order, as JSON.
    package let document: [UInt8]
    package let email: EmailAddress?
    /// An address that the customer wants to have and has not proven yet.
    package let pendingEmail: EmailAddress?
    package let passwordHash: PasswordHash?

    package init(document: [UInt8], email: EmailAddress?, pendingEmail: EmailAddress?, passwordHash: PasswordHash?) {
        self.document = document
        self.email = email
        self.pendingEmail = pendingEmail
        self.passwordHash = passwordHash
    }
}

/// What a mail is to bring.
package enum MailKind: String, Sendable {
    /// A one-time code to sign in with, to an address that may be a customer's.
    case signInCode = "sign_in_code"
    /// A link to set a password by, to an address that may be a customer's.
    case resetLink = "reset_link"
    /// A one-time code that proves an address which a customer wants to have from now on.
    case addressCode = "address_code"
}

/// A request for a mail. Whether the address is a customer's is looked up when it is delivered, so that the request tells nothing.
package struct MailRequest: Sendable {
    /// How long somebody waits between two mails of one kind, in seconds.
    package static let pause: Int64 = 60

    package let storeID: StoreID
    package let kind: MailKind
    package let address: EmailAddress
    /// The customer who wants to have the address, for ``MailKind/addressCode``.
    package let customerID: CustomerID?
    package let language: MailLanguage
    /// Where a link leads to, without a path.
    package let linkBase: String?

    package init(
        _ kind: MailKind, to address: EmailAddress, in storeID: StoreID, customerID: CustomerID? = nil, language: MailLanguage,
        linkBase: String? = nil
    ) {
        self.kind = kind
        self.address = address
        self.storeID = storeID
        self.customerID = customerID
        self.language = language
        self.linkBase = linkBase
    }

    /// What the code is known by: one code of a kind for a customer who is signed in, else for an address.
    package var subject: String { customerID?.description ?? address.text }
}

package enum MailLanguage: String, Sendable {
    case indonesian = "id"
    case english = "en"
}

/// A mail that is to be delivered.
package struct QueuedMail: Sendable {
    package let id: UUIDBytes
    package let request: MailRequest
    package let requestedAt: Timestamp
    /// How often it was tried before.
    package let attempts: Int64

    package init(id: UUIDBytes, request: MailRequest, requestedAt: Timestamp, attempts: Int64) {
        self.id = id
        self.request = request
        self.requestedAt = requestedAt
        self.attempts = attempts
    }
}

/// One of the addresses that a customer keeps for parcels.
package struct StoredAddress: Sendable {
    package let id: Int64
    /// Its fields as JSON, without the id.
    package let document: [UInt8]

    package init(id: Int64, document: [UInt8]) {
        self.id = id
        self.document = document
    }
}
