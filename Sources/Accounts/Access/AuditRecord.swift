package import Orders

/// Something about a customer's access that an operator may want to look up: what, when and from where; never a secret.
package struct AuditRecord: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case codeSent = "code_sent"
        case resetLinkSent = "reset_link_sent"
        case addressCodeSent = "address_code_sent"
        case mailFailed = "mail_failed"
        case signedInWithPassword = "signed_in_with_password"
        case signedInWithCode = "signed_in_with_code"
        case wrongPassword = "wrong_password"
        case wrongCode = "wrong_code"
        case wrongResetToken = "wrong_reset_token"
        case passwordReset = "password_reset"
        case passwordChanged = "password_changed"
        case emailChanged = "email_changed"
        case signedOut = "signed_out"
        case refreshTokenReused = "refresh_token_reused"
    }

    package let storeID: StoreID
    /// None where nobody is known by what was presented.
    package let customerID: CustomerID?
    package let kind: Kind
    package let at: Timestamp
    /// The address of the network from which it came.
    package let client: String?

    package init(_ kind: Kind, in storeID: StoreID, of customerID: CustomerID?, at: Timestamp, from client: String?) {
        self.kind = kind
        self.storeID = storeID
        self.customerID = customerID
        self.at = at
        self.client = client
    }
}
