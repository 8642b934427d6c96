import Accounts
import Crypto
import Foundation
import Testing

@Suite struct `A business key` {
    @Test func `has a checksum, by which a scanner recognizes it`() throws {
        for isRestricted in [false, true] {
            let keys = (0..<100).map { _ in BusinessKey(isRestricted: isRestricted).text }
            #expect(Set(keys).count == 100)
            for key in keys {
                #expect(key.wholeMatch(of: isRestricted ? /rk_[0-9A-Za-z]{42}/ : /sk_[0-9A-Za-z]{42}/) != nil)
                #expect(BusinessKey(key)?.text == key)
                // As docs/api.md describes it.
                let hash = SHA256.hash(data: Data(key.dropLast(6).utf8))
                var number = hash.prefix(4).reduce(0) { $0 << 8 | Int($1) }
                var digits = ""
                for _ in 0..<6 {
                    digits = String(Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")[number % 62]) + digits
                    number /= 62
                }
                #expect(key.hasSuffix(digits))
            }
        }
    }

    @Test func `is nothing else`() {
        let key = BusinessKey(isRestricted: false).text
        for text in [
            "", "sk_", String(key.dropLast()), key + "0", "rk_" + key.dropFirst(3), "pk_" + key.dropFirst(3), key.lowercased(),
            String(repeating: "é", count: 22) + "0", "sk_" + String(repeating: "0", count: 42),
        ] {
            #expect(BusinessKey(text) == nil, "\(text)")
        }
        #expect(BusinessKey(key)?.digest.count == 32)
        #expect(BusinessKey(key)?.hint == "sk_…\(key.suffix(4))")
    }
}
