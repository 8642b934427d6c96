import Crypto
import CryptoExtras
import Foundation

/// A password hashed with scrypt (RFC 7914), with the parameters and the salt of the hash.
package struct PasswordHash: Hashable, Sendable {
    /// The cost of a hash. It takes `128 * 8 * 2^logN` bytes of memory.
    package struct Parameters: Hashable, Sendable {
        /// log2 of the cost N.
        let logN: Int
        /// The block size.
        let r: Int
        /// The parallelism.
        let p: Int

        package init(logN: Int, r: Int = 8, p: Int = 1) {
            self.logN = logN
            self.r = r
            self.p = p
        }

        /// OWASP's recommendation (Password Storage Cheat Sheet): N = 2^17, r = 8, p = 1, which takes 128 MiB.
        package static let owasp = Parameters(logN: 17)
    }

    let parameters: Parameters
    private let salt: [UInt8]
    private let digest: [UInt8]

    private static let saltLength = 16
    private static let digestLength = 32

    /// Hashes a password with a new salt; the parameters determine how long that takes. `nil` if there is not enough memory.
    init?(_ password: Password, _ parameters: Parameters) {
        var generator = SystemRandomNumberGenerator()
        salt = (0..<Self.saltLength).map { _ in .random(in: .min ... .max, using: &generator) }
        self.parameters = parameters
        guard let digest = Self.derive(password, salt, parameters) else { return nil }
        self.digest = digest
    }

    /// A hash of no password, created without any work.
    init(decoyOf parameters: Parameters) {
        self.parameters = parameters
        salt = [UInt8](repeating: 0, count: Self.saltLength)
        digest = [UInt8](repeating: 0, count: Self.digestLength)
    }

    /// Whether this is the hash of the password. It takes as long as the parameters require, whatever the result. `nil` if there
    /// is not enough memory.
    func matches(_ password: Password) -> Bool? {
        guard let other = Self.derive(password, salt, parameters) else { return nil }
        return zip(digest, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0 && digest.count == other.count
    }

    private static func derive(_ password: Password, _ salt: [UInt8], _ parameters: Parameters) -> [UInt8]? {
        // With valid parameters, as ours always are, it fails only if there is not enough memory.
        let key = try? KDF.Scrypt.deriveKey(
            from: password.bytes, salt: salt, outputByteCount: digestLength, rounds: 1 << parameters.logN,
            blockSize: parameters.r, parallelism: parameters.p)
        return key?.withUnsafeBytes { [UInt8]($0) }
    }
}

extension PasswordHash {
    /// The stored form: `$scrypt$ln=17,r=8,p=1$salt$digest`, with salt and digest in base64 without padding (the PHC string
    /// format).
    package var text: String {
        "$scrypt$ln=\(parameters.logN),r=\(parameters.r),p=\(parameters.p)$\(Self.base64(salt))$\(Self.base64(digest))"
    }

    /// The stored form of a hash of no password.
    package static let decoy = PasswordHash(decoyOf: .owasp).text

    /// Parses the stored form; `nil` for anything else, and for parameters too expensive for any machine.
    package init?(_ text: String) {
        guard
            let match = text.wholeMatch(
                of: /\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+\/]+)\$([A-Za-z0-9+\/]+)/),
            let logN = Int(match.1), let r = Int(match.2), let p = Int(match.3), (1...22).contains(logN), r > 0, p > 0,
            let salt = Self.bytes(match.4), let digest = Self.bytes(match.5), digest.count == Self.digestLength
        else { return nil }
        self.salt = salt
        self.digest = digest
        parameters = Parameters(logN: logN, r: r, p: p)
    }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString().replacing("=", with: "") }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        Data(base64Encoded: text + String(repeating: "=", count: (4 - text.count % 4) % 4)).map { [UInt8]($0) }
    }
}
