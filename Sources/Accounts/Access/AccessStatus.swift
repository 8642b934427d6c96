import Orders

/// Whether a key or an origin is accepted.
package enum AccessStatus: String, Sendable {
    case active, expired, revoked

    init(isRevoked: Bool, expiresAt: Timestamp?, at time: Timestamp) {
        self = isRevoked ? .revoked : expiresAt.map { $0 <= time } ?? false ? .expired : .active
    }
}
