package import Orders

/// An event in the history of a customer's access, for operators: what happened, when and from where. It never contains a secret.
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
        /// A refresh token was used twice within the grace period: by two tabs of a browser, or after an answer was lost.
        case refreshTokenShared = "refresh_token_shared"
        case refreshTokenReused = "refresh_token_reused"
    }

    package let storeID: StoreID
    /// `nil` if what was presented identifies no customer.
    package let customerID: CustomerID?
    package let kind: Kind
    package let at: Timestamp
    /// The client's IP address.
    package let client: String?

    package init(_ kind: Kind, in storeID: StoreID, of customerID: CustomerID?, at: Timestamp, from client: String?) {
        self.kind = kind
        self.storeID = storeID
        self.customerID = customerID
        self.at = at
        self.client = client
    }
}
