import JSON
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
        "[NaN]", "\u{FEFF}1", "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}", "\"\\ud83d\\ud83d\"", "[1}", "{\"a\":1]", "\"\\u00\"",
    ])
    func `is rejected if it is invalid or ambiguous`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: Array(text.utf8)) }
    }

    @Test func `is rejected if it is not UTF-8`() {
        #expect(throws: JSONSyntaxError(reason: "a string is not UTF-8", offset: 3)) {
            try JSON(parsing: [0x22, 0xC3, 0x28, 0x22])
        }
    }

    @Test func `is rejected if it is nested too deeply, without exhausting the stack`() throws {
        let deep = { (levels: Int) in [UInt8](repeating: UInt8(ascii: "["), count: levels) }
        let fits = deep(JSON.maximumDepth) + [UInt8](repeating: UInt8(ascii: "]"), count: JSON.maximumDepth)
        #expect(throws: Never.self) { try JSON(parsing: fits) }
        #expect(throws: JSONSyntaxError(reason: "nested deeper than 64 levels", offset: 64)) {
            try JSON(parsing: deep(5_000_000))
        }
    }

    @Test func `distinguishes names that Unicode considers equivalent`() throws {
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

    @Test func `finds names of any length, and rejects duplicates`() throws {
        let names = (0...40).map { String("abcdefghijklmnopqrstuvwxyzabcdefghijklmnop".prefix($0)) }
        let members = names.map { "\"\($0)\":\($0.count)" }
        let text = "{" + members.joined(separator: ",") + "}"
        try JSONText(Array(text.utf8)).withValue { object in
            for name in names {
                #expect(object[JSONName(name)]?.digits == String(name.count))
                #expect(object[JSONName(name + "!")] == nil)
            }
        }
        for member in members {
            let twice = "{" + (members + [member]).joined(separator: ",") + "}"
            #expect(throws: JSONSyntaxError.self) { try JSONText(Array(twice.utf8)) }
        }
    }

    @Test func `finds the end of a string at any position`() throws {
        for length in 0..<40 {
            for (special, isRight) in [("\\n", true), ("é", true), ("\u{7F}", true), ("\u{1}", false), ("\u{1F}", false)] {
                for place in 0...length {
                    let text = String(repeating: "x", count: place) + special + String(repeating: "y", count: length - place)
                    let json = Array("[\"\(text)\",\"\(text)\"]".utf8)
                    if isRight {
                        #expect(try JSON(parsing: json).encoded == json)
                    } else {
                        #expect(throws: JSONSyntaxError(reason: "a control character stands in a string", offset: place + 2)) {
                            try JSON(parsing: json)
                        }
                    }
                }
            }
            let plain = Array("\"\(String(repeating: "z", count: length))".utf8)
            #expect(throws: JSONSyntaxError(reason: "the text ends too early", offset: length + 1)) { try JSON(parsing: plain) }
        }
    }

    @Test func `can be read in place`() throws {
        let text = try JSONText(Array(#"{"a":[1,{"b":"\u0078y"},[]],"\u0063":{"d":null},"":"e"}"#.utf8))
        text.withValue { value in
            #expect(value.members.map(\.name.name) == ["a", "c", ""])
            #expect(value["a"]?.elements.map(\.kind) == [.number, .object, .array])
            #expect(value["c"]?["d"]?.isAbsent == true)
            #expect(value[""]?.text == "e")
            #expect(value["d"] == nil && value["a"]?["b"] == nil)
            for element in value["a"]!.elements { #expect(element["b"]?.text == (element.kind == .object ? "xy" : nil)) }
        }
        #expect(text.elements.isEmpty)
        let list = try JSONText(Array(#" [ {"a" : 1} , "b" ] "#.utf8))
        #expect(list.elements.map { String(decoding: $0, as: UTF8.self) } == [#"{"a":1}"#, #""b""#])
    }

    @Test func `finds the names of a table in any object`() throws {
        let names = (0..<300).map { "name \($0)" } + ["", "é"]
        let table = NameTable(names)
        let members = (names + ["other", "name 300"]).map { String(decoding: JSON.string($0).encoded, as: UTF8.self) + ":0" }
        let text = try JSONText(Array("{\(members.joined(separator: ","))}".utf8))
        text.withValue { value in
            #expect(value.members.map { table.position(of: $0.name) } == names.indices.map { $0 } + [nil, nil])
        }
        #expect(names.indices.allSatisfy { table[$0] == names[$0] })
        #expect(NameTable([]).count == 0)
    }
}
