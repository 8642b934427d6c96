package import Orders

/// The reasons why a caller is not signed in.
extension Failure {
    /// No token was presented.
    package static let notSignedIn = Failure(
        .notSignedIn, "not_signed_in", "Sign in to see your orders: send your access token as Authorization: Bearer")

    /// The access token was not issued for this store.
    package static let invalidToken = Failure(
        .invalidToken("The access token is invalid"), "invalid_token",
        "This access token is not valid for this store: sign in again")

    /// The access token was issued for this store, but has expired.
    package static let expiredToken = Failure(
        .invalidToken("The access token expired"), "expired_token",
        "This access token has expired: refresh it or sign in again")

    /// The address and password do not belong to a customer.
    package static let wrongCredentials = Failure(.notSignedIn, "wrong_credentials", "E-mail address or password is wrong")

    /// The one-time code is wrong, already used or expired.
    package static let wrongCode = Failure(
        .notSignedIn, "wrong_code", "This code is wrong or no longer valid: ask for a new one")

    /// The refresh token was not issued for this store or was already used, or its session has ended.
    package static let invalidRefreshToken = Failure(
        .notSignedIn, "invalid_refresh_token", "This session is over: sign in again")

    /// The link to set a password was never sent, was already used or has expired.
    package static let invalidResetToken = Failure(
        .notFound, "invalid_reset_token", "This link is no longer valid: ask for a new one")
}
