import Testing

@testable import Orders

@Suite struct `JSON text` {
    @Test(arguments: [
        (" {\"b\":[1,-2.50,1e3],\"a\":{}} ", "{\"b\":[1,-2.50,1e3],\"a\":{}}"),
        (#""\u0041\ud83d\ude4f\n\"\\\/\u2028""#, "\"A🙏\\n\\\"\\\\/\u{2028}\""),
        (#""\u0000\u001f""#, #""\u0000\u001f""#),
        ("[true,false,null,\"\"]", "[true,false,null,\"\"]"), ("0", "0"), ("[]", "[]"),
    ])
    func `keeps digits, order and text`(text: String, written: String) throws {
        #expect(String(decoding: try JSON(parsing: Array(text.utf8)).encoded, as: UTF8.self) == written)
    }

    @Test(arguments: [
        "", " ", "{", "[1", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "-", "1.", ".5", "1e", "+1", "nul", "truefalse",
        "1 2",
        "\"", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\u{1}\"", "{\"a\":1,\"a\":2}",
        "[NaN]", "\u{FEFF}1",
    ])
    func `is refused where it is none or reads in two ways`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: Array(text.utf8)) }
    }

    @Test func `is refused where it is not UTF-8`() {
        #expect(throws: JSONSyntaxError(reason: "a string is not UTF-8", offset: 3)) {
            try JSON(parsing: [0x22, 0xC3, 0x28, 0x22])
        }
    }

    @Test func `is refused where it is nested too deeply, without using up the stack`() throws {
        let deep = { (levels: Int) in [UInt8](repeating: UInt8(ascii: "["), count: levels) }
        let fits = deep(JSON.maximumDepth) + [UInt8](repeating: UInt8(ascii: "]"), count: JSON.maximumDepth)
        #expect(throws: Never.self) { try JSON(parsing: fits) }
        #expect(throws: JSONSyntaxError(reason: "nested deeper than 64 levels", offset: 64)) {
            try JSON(parsing: deep(5_000_000))
        }
    }

    @Test func `tells names apart that Unicode holds for the same`() throws {
        let many = (0..<40).map { "\"n\($0)\":0," }.joined()
        for more in ["", many] {
            let text = "{\(more)\"caf\u{E9}\":1,\"cafe\u{301}\":2}"
            #expect(try JSON(parsing: Array(text.utf8)).encoded == Array(text.utf8))
        }
    }

    @Test func `finds members by name in objects of any size`() {
        for count in [0, 1, 32, 33, 200] {
            var object = JSONObject((0..<count).map { ("name\($0)", .number(String($0))) })
            #expect((0..<count).allSatisfy { object["name\($0)"] == .number(String($0)) })
            #expect(object["other"] == nil)
            if count > 0 {
                let again = object.append("name0", 5)
                #expect(!again)
            }
            #expect(object.members.count == count)
        }
    }
}
