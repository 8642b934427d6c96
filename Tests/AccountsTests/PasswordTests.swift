import Foundation
import Orders
import Testing

@testable import Accounts

@Suite struct `A password` {
    private static let cheap = PasswordHash.Parameters(logN: 4)

    private func refusal(_ text: String) -> Password.Refused? {
        do throws(Password.Refused) {
            _ = try Password(new: text, for: EmailAddress("siti.rahayu@example.com"))
            return nil
        } catch { return error }
    }

    @Test func `has from 8 to 200 characters of any kind`() {
        #expect(refusal("kopi-ga") == .tooShort)
        #expect(refusal("kopi-gay") == nil)
        #expect(refusal("☕️🌾 sawah") == nil)
        #expect(refusal("كلمة السر الطويلة") == nil)
        #expect(refusal("\u{0}\u{1}\u{2}kopi-x") == nil)
        #expect(refusal(String(repeating: "kopi gayo ", count: 20)) == nil)
        #expect(refusal(String(repeating: "kopi gayo ", count: 20) + "x") == .tooLong)
    }

    @Test(arguments: [
        "password", "Password1", "P@ssw0rd", "12345678", "0123456789", "87654321", "qwertyui", "poiuytrewq", "aaaaaaaa",
        "abababab",
        "abc1abc1", "rahasia123", "Indonesia2024", "sayangku", "BISMILLAH", "1q2w3e4r", "siti.rahayu", "Siti.Rahayu@example.com",
        "jakarta!", "iloveyou", "ｐａｓｓｗｏｒｄ", "qwerty123", "17agustus1945",
    ])
    func `is not one of the most common`(text: String) { #expect(refusal(text) == .common) }

    @Test(arguments: ["tepi-sawah-pagi", "kopi gayo 250", "Xk3$pQ9z", "makan siang di warung", "merapi sindoro sumbing"])
    func `may be hard to guess`(text: String) { #expect(refusal(text) == nil) }

    @Test func `matches its hash, in whatever form it was typed`() throws {
        let hash = try #require(PasswordHash(try Password(new: "rendang pedas é", for: nil), Self.cheap))
        #expect(hash.matches(Password(presented: "rendang pedas e\u{301}")) == true)
        #expect(hash.matches(Password(presented: "Rendang pedas é")) == false)
        #expect(hash.matches(Password(presented: "")) == false)
        // Needs more memory than there is.
        #expect(PasswordHash(Password(presented: "x"), PasswordHash.Parameters(logN: 22, r: 99, p: 99)) == nil)
        let stored = try #require(PasswordHash(hash.text))
        #expect(stored == hash)
        #expect(stored.text.hasPrefix("$scrypt$ln=4,r=8,p=1$"))
        #expect(!stored.text.contains("rendang"))
        #expect(PasswordHash(Password(presented: "rendang pedas é"), Self.cheap) != hash)
    }

    /// RFC 7914, section 12: the second vector, its digest truncated to our 32 bytes.
    @Test func `is hashed as the RFC specifies`() throws {
        let salt = Data("NaCl".utf8).base64EncodedString().replacing("=", with: "")
        let bytes: [UInt8] = [
            0xfd, 0xba, 0xbe, 0x1c, 0x9d, 0x34, 0x72, 0x00, 0x78, 0x56, 0xe7, 0x19, 0x0d, 0x01, 0xe9, 0xfe, 0x7c, 0x6a, 0xd7,
            0xcb,
            0xc8, 0x23, 0x78, 0x30, 0xe7, 0x73, 0x76, 0x63, 0x4b, 0x37, 0x31, 0x62,
        ]
        let digest = Data(bytes).base64EncodedString().replacing("=", with: "")
        let hash = try #require(PasswordHash("$scrypt$ln=10,r=8,p=16$\(salt)$\(digest)"))
        #expect(hash.matches(Password(presented: "password")) == true)
        #expect(hash.matches(Password(presented: "passwore")) == false)
    }

    @Test(arguments: [
        "", "password", "$scrypt$", "$scrypt$ln=40,r=8,p=1$AAAA$AAAA", "$scrypt$ln=4,r=0,p=1$AAAA$AAAA",
        "$bcrypt$ln=4,r=8,p=1$AAAA$AAAA",
        "$scrypt$ln=4,r=8,p=1$AAAA$AAAA",
    ])
    func `rejects hashes of any other form`(text: String) { #expect(PasswordHash(text) == nil) }

    @Test func `is hashed as OWASP recommends`() { #expect(PasswordHash.Parameters.owasp == .init(logN: 17, r: 8, p: 1)) }

    @Test func `waits its turn, up to a limit, and is wrong without a hash`() async throws {
        let hasher = PasswordHasher(PasswordHash.Parameters(logN: 12), waiting: 4)
        let outcomes = await withTaskGroup(of: String.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do throws(PasswordHasher.Overloaded) {
                        return "\(try await hasher.matches(Password(presented: "x"), nil))"
                    } catch { return "overloaded" }
                }
            }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect((6...39).contains(outcomes["false"] ?? 0), "\(outcomes)")
        #expect(outcomes["true"] == nil)
        let hash = try await hasher.hash(Password(presented: "x"))
        #expect(try await hasher.matches(Password(presented: "x"), hash))
        #expect(!hasher.isOutdated(hash))
        #expect(PasswordHasher().isOutdated(hash))
    }
}

@Suite struct `A code` {
    @Test func `has six digits, from the full range`() {
        let codes = (0..<2000).map { _ in OneTimeCode().text }
        #expect(codes.allSatisfy { $0.utf8.count == 6 && Int($0) != nil })
        #expect(Set(codes.map { $0.first }).count == 10)
        #expect(Set(codes).count > 1900)
        for text in ["", "12345", "1234567", "12345x", "-12345", "12345½", "Ⅰ23456"] { #expect(OneTimeCode(text) == nil) }
    }

    @Test func `is read as people type and paste it`() {
        for text in [
            "123 456", "123456\n", "\r\n 123-456 ", "123–456", "１２３４５６", "١٢٣٤٥٦", "\u{200B}123\u{A0}456\u{FEFF}", "1 2 3 4 5 6",
        ] {
            #expect(OneTimeCode(text)?.text == "123456", "\(text)")
        }
        #expect(OneTimeCode(String(repeating: " ", count: 1000) + "123456") == nil)
    }

    @Test func `matches its hash`() throws {
        let code = try #require(OneTimeCode("042137"))
        let hash = OneTimeCodeHash(code)
        #expect(hash.matches(code))
        #expect(!hash.matches(try #require(OneTimeCode("042138"))))
        #expect(OneTimeCodeHash(code) != hash)
    }

    @Test func `in a link has 256 bits`() throws {
        let token = ResetToken()
        #expect(ResetToken(token.text)?.digest == token.digest)
        #expect(ResetToken().digest != token.digest)
        #expect(token.digest.count == 32)
        for text in ["", "x", String(token.text.dropLast()), token.text + "A", "123456"] { #expect(ResetToken(text) == nil) }
    }
}

@Suite struct `A site that may call` {
    @Test(arguments: [
        ("https://shop.example", true), ("http://localhost:3000", true), ("https://[::1]:8443", true),
        ("https://shop.example:443", false),
        ("http://shop.example:80", false), ("https://shop.example/", false), ("https://shop.example/x", false), ("*", false),
        ("null", false), ("", false), ("https://Shop.example", false), ("ftp://shop.example", false),
        ("https://u@shop.example", false),
        ("https://shop.example\r\nX: y", false), ("https://shop.example:99999", false), ("https://", false),
        ("shop.example", false),
    ])
    func `has an origin as browsers send it`(text: String, isOrigin: Bool) { #expect((WebOrigin(text) != nil) == isOrigin) }

    @Test func `has a random key`() {
        let key = StorefrontKey()
        #expect(key.text.wholeMatch(of: /sfpk_[A-Za-z0-9_-]{32}/) != nil)
        #expect(StorefrontKey() != key)
    }
}
