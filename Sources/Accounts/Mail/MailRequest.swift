package import Orders

/// What a mail is for.
package enum MailKind: String, Sendable {
    /// A one-time code to sign in, to an address that may be a customer's.
    case signInCode = "sign_in_code"
    /// A link to set a password, to an address that may be a customer's.
    case resetLink = "reset_link"
    /// A one-time code that proves an address which a customer wants to use from now on.
    case addressCode = "address_code"
}

package enum MailLanguage: String, Sendable {
    case indonesian = "id"
    case english = "en"
}

/// A request for a mail. Whether the address is a customer's is looked up when the mail is delivered, so that the request reveals nothing.
package struct MailRequest: Sendable {
    /// The minimum time between two mails of one kind to one address, in seconds.
    package static let pause: Int64 = 60

    package let storeID: StoreID
    package let kind: MailKind
    package let address: EmailAddress
    /// The customer who wants to use the address, for ``MailKind/addressCode``.
    package let customerID: CustomerID?
    package let language: MailLanguage
    /// Where a link leads to, without a path.
    package let linkBase: String?
    /// The IP address of the client that asks for it, if that matters.
    package let client: String?

    package init(
        _ kind: MailKind, to address: EmailAddress, in storeID: StoreID, customerID: CustomerID? = nil, language: MailLanguage,
        linkBase: String? = nil, client: String? = nil
    ) {
        self.client = client
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

/// A mail that is to be delivered.
package struct QueuedMail: Sendable {
    package let id: UUIDBytes
    package let request: MailRequest
    package let requestedAt: Timestamp
    /// How many times it was tried before.
    package let attempts: Int64

    package init(id: UUIDBytes, request: MailRequest, requestedAt: Timestamp, attempts: Int64) {
        self.id = id
        self.request = request
        self.requestedAt = requestedAt
        self.attempts = attempts
    }
}

/// What a mail needs to know of its recipient.
package struct MailRecipient: Sendable {
    package let customerID: CustomerID
    /// The customer as they see themselves, as JSON.
    package let customer: [UInt8]
    /// The store as buyers see it, as JSON.
    package let store: [UInt8]

    package init(customerID: CustomerID, customer: [UInt8], store: [UInt8]) {
        self.customerID = customerID
        self.customer = customer
        self.store = store
    }
}
