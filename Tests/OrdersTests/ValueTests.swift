import Testing

@testable import Orders

@Suite struct `An amount of money` {
    @Test(arguments: [
        ("10", "10.00"), ("0.005", "0.01"), ("0.0049999999999999999999", "0.00"), ("1.005", "1.01"), ("2.675", "2.68"),
        ("-0.005", "-0.01"), ("-0.004", "0.00"), ("1e3", "1000.00"), ("12345E-4", "1.23"), ("00012.30", "12.30"), ("0", "0.00"),
        ("92233720368547758.07", "92233720368547758.07"), ("0.1", "0.10"), ("-7", "-7.00"),
        ("999999999999999.995", "1000000000000000.00"),
    ])
    func `is rounded half up to two decimals, never through binary floating point`(text: String, written: String) {
        #expect(Money(text)?.description == written)
    }

    @Test(arguments: [
        "", "-", ".5", "1.", "1,000", "Rp 5", "0x10", "1e", "1e99", "1e-9223372036854775808", "1e9223372036854775807", "NaN",
        "１２", "92233720368547758.08", " 1", "+1", "--1",
        "1.2.3",
        String(repeating: "9", count: 200),
    ])
    func `rejects anything else`(text: String) { #expect(Money(text) == nil) }
}

@Suite struct `A decimal number` {
    @Test(arguments: [
        ("0.0750", "0.075"), ("0.1", "0.10"), ("0.00", "0.00"), ("12", "12.00"),
        ("1.2345678901234567890123", "1.2345678901234567890123"),
        ("0.0001", "0.0001"), ("1e-5", "0.00001"), ("-0.50", "-0.50"), ("-0.0", "0.00"), ("100", "100.00"),
    ])
    func `keeps its digits`(text: String, written: String) {
        #expect(DecimalText(text)?.text(atLeastDecimals: 2) == written)
    }

    @Test(
        arguments: [
            ("500.5", 501), ("500.49", 500), ("0.5", 1), ("-0.5", -1), ("840.0", 840), ("0.00", 0), ("1e3", 1000), ("0.05", 0),
        ] as [(String, Int64)])
    func `is rounded half up to a whole`(text: String, whole: Int64) {
        #expect(DecimalText(text)?.rounded(toUnitsOfTenTo: 0) == whole)
    }

    @Test func `is whole if its decimals are zero`() {
        #expect(DecimalText("3.000")?.whole == 3)
        #expect(DecimalText("3.001")?.whole == nil)
        #expect(DecimalText("0.01")?.whole == nil)
        #expect(DecimalText("1e2")?.whole == 100)
    }
}

@Suite struct `A time` {
    @Test(arguments: [
        ("2026-02-01T08:00:00Z", "2026-02-01T08:00:00Z"), ("2025-01-01T04:40:44.120300+07:00", "2024-12-31T21:40:44.1203Z"),
        ("2024-02-29t23:59:59.999999999z", "2024-02-29T23:59:59.999999Z"),
        ("2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.5-01:00", "1970-01-01T00:59:59.5Z"), ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"), ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2000-02-29 12:00:00+00:00", "2000-02-29T12:00:00Z"), ("1900-03-01T00:00:00Z", "1900-03-01T00:00:00Z"),
    ])
    func `is written in UTC with significant digits only`(text: String, written: String) {
        #expect(Timestamp(text)?.description == written)
    }

    @Test(arguments: [
        "", "2026-02-01", "2026-02-01T08:00:00", "2026-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+7:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01", "26-01-01T00:00:00Z", "2026-01-01T00:00:00Zx", "1767225600", "1900-02-29T00:00:00Z",
    ])
    func `rejects anything else`(text: String) { #expect(Timestamp(text) == nil) }

    @Test func `round-trips for every day of four centuries`() {
        for day in stride(from: Int64(-25_567), to: 120_000, by: 1) {
            let time = Timestamp(seconds: day * 86400 + 3661)
            #expect(Timestamp(time.description) == time)
        }
    }
}

@Suite struct `An order's id` {
    @Test func `contains its time, sorts by it and is unique`() throws {
        var generator = SystemRandomNumberGenerator()
        let time = Timestamp("2026-02-01T08:00:00.123Z")!
        for text in ["2026-02-01T15:00:00.123+07:00", "2026-02-01T15:00:00.123+0700", "2026-02-01T15:00:00.123+07"] {
            #expect(Timestamp(text) == time)
        }
        for text in ["2026-02-01T15:00:00+7", "2026-02-01T15:00:00+070", "2026-02-01T15:00:00+07:0", "2026-02-01T15:00:00"] {
            #expect(Timestamp(text) == nil)
        }
        let ids = (0..<100).map { _ in OrderID(mintedAt: time, using: &generator)! }
        let later = OrderID(mintedAt: Timestamp("2026-02-01T08:00:00.124Z")!, using: &generator)!
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.description.hasPrefix("019c1837-407b-7") && $0 < later && OrderID($0.description) == $0 })
        #expect(OrderID(mintedAt: Timestamp("1969-12-31T23:59:59Z")!, using: &generator) == nil)
    }

    @Test func `is parsed in either case and written in lower case`() {
        #expect(OrderID("0197A0B1-C2D3-7E4F-8A5B-6C7D8E9F0A1B")?.description == "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")
    }

    @Test(arguments: [
        "", "0", "-1", "+5", "007", "1.0", " 5", "5 ", "9223372036854775808", "99999999999999999999999999", "abc",
        "0197a0b1-c2d3-4e4f-8a5b-6c7d8e9f0a1b", "0197a0b1-c2d3-7e4f-ca5b-6c7d8e9f0a1b", "0197a0b1c2d37e4f8a5b6c7d8e9f0a1b",
        "{0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b}", "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1g", "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b ",
        "٣", String(repeating: "1", count: 3000),
    ])
    func `has no other form`(text: String) { #expect(OrderReference(text) == nil) }

    @Test func `may be the integer of a migrated order`() {
        #expect(OrderReference("100005") == .legacy(LegacyOrderID(100005)!))
        #expect(OrderReference("9223372036854775807") != nil)
    }
}

@Suite struct `Other values` {
    @Test func `an e-mail address is compared without case and surrounding whitespace`() {
        // Letters that stand for others which are special in a mail.
        for text in ["a@mü，x.de", "a@mü；x.de", "a@mü（x.de", "a\u{37E}b@x.com", "a@mü＠x.de", "a@ü．．de\u{FF1B}"] {
            if let address = EmailAddress(text) { #expect(EmailAddress(address.text) == address) }
        }
        #expect(EmailAddress("a@mü，x.de") == nil && EmailAddress("a\u{37E}b@x.com") == nil)
        let mia = "mia@xn--mller-toko-9db.example"
        for text in [
            "mia@müller-toko.example", "Mia@MÜLLER-Toko.example", "mia@mu\u{308}ller-toko.example", mia.uppercased(), mia,
        ] {
            #expect(EmailAddress(text)?.text == mia)
        }
        #expect(EmailAddress("ren\u{65}\u{301}@example.com") == EmailAddress("René@example.com"))
        #expect(EmailAddress("rené@example.com")?.hasUnicodeLocalPart == true)
        #expect(EmailAddress(mia)?.hasUnicodeLocalPart == false)
        #expect(EmailAddress("  Siti@Example.COM\n") == EmailAddress("siti@example.com"))
        for text in [
            "", "@", "a@", "@b", "a@b@c", "a b@c", "a\u{0}@c", "a\r\nBcc: x@y", String(repeating: "a", count: 250) + "@b.id",
        ] {
            #expect(EmailAddress(text) == nil, "\(text.debugDescription)")
        }
    }

    @Test func `a store's id is a word`() {
        #expect(StoreID("store_wEQHfwcepYyNGfB51YbmwxAs") != nil)
        for text in ["", "a/b", "ä", "a b", "a\u{0}", String(repeating: "a", count: 65)] { #expect(StoreID(text) == nil) }
    }

    @Test func `a web URL begins with http and has more`() {
        #expect(WebURL("http://a") != nil)
        let made = [
            " https://cdn.example.id/bukti transfer 1.jpg\n": "https://cdn.example.id/bukti%20transfer%201.jpg",
            "HTTPS://a": "https://a",
            "https://a/\"é<x>%20": "https://a/%22%C3%A9%3Cx%3E%20", "Http://a/b?c=d#e": "http://a/b?c=d#e",
        ]
        for (text, url) in made { #expect(WebURL(text)?.text == url) }
        for text in [
            "", "https://", "https:// ", "ftp://a", "//a", "javascript:alert(1)", "javascript:x//https://a", "x https://a",
        ] {
            #expect(WebURL(text) == nil)
        }
    }

    @Test func `a cursor is parsed, and nothing else is one`() {
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        #expect(PageCursor(PageCursor(id).text)?.id == id)
        for text in ["", "x", String(repeating: "A", count: 22), PageCursor(id).text + "=", PageCursor(id).text.dropLast() + "x"]
        {
            #expect(PageCursor(String(text)) == nil)
        }
    }
}
