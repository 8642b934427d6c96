import HTTPServing
import Testing

@Suite struct `The tags of a client` {
    @Test(arguments: ["\"1-a\"", "W/\"1-a\"", "\"x\", \"1-a\"", " \t\"1-a\" \t", "\"x\",W/\"1-a\" ,\"y\"", "*", "\"x\", *"])
    func `match an equal one, weak or strong`(field: String) throws {
        #expect(try #require(IfNoneMatch(field)).contains("\"1-a\""))
    }

    @Test(arguments: [
        "", ",", "\"1-a", "1-a", "\"1-a\"x", "\"1-a\" x", "x\"1-a\"", "\"1-A\"", "w/\"1-a\"", "W/ \"1-a\"", "**",
        "\"1-a\"\"1-a\"", "\"*\"",
    ])
    func `do not match a different one`(field: String) throws {
        #expect(!(try #require(IfNoneMatch(field)).contains("\"1-a\"")))
    }

    @Test(arguments: ["\"1-a-gzip\"", "W/\"1-a-gzip\"", "\"x\", \"1-a-br\" ", "\"1-a;gzip\""])
    func `match what a compressing proxy made of an equal one`(field: String) throws {
        #expect(try #require(IfNoneMatch(field)).contains("\"1-a\""))
        #expect(!(try #require(IfNoneMatch(field)).contains("\"1-b\"")))
    }

    @Test func `are absent without the header`() {
        #expect(IfNoneMatch(nil) == nil)
    }
}
