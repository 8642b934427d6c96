extension String {
    /// The token of `Authorization: Bearer` (RFC 6750, section 2.1); `nil` if the field has another scheme.
    package var bearerToken: String? {
        let scheme = "bearer "
        let isBearer = utf8.count > scheme.utf8.count && zip(utf8, scheme.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
        return isBearer ? String(Substring(utf8.dropFirst(scheme.utf8.count).drop { $0 == UInt8(ascii: " ") })) : nil
    }
}
