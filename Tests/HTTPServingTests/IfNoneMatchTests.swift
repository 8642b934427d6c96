import HTTPServing
import Testing

@Suite struct `The tags that a client has` {
    @Test(arguments: ["\"1-a\"", "W/\"1-a\"", "\"x\", \"1-a\"", " \t\"1-a\" \t", "\"x\",W/\"1-a\" ,\"y\"", "*", "\"x\", *"])
    func `hold one that is the same, weak or not`(field: String) throws {
        #expect(try #require(IfNoneMatch(field)).contains("\"1-a\""))
    }

    @Test(arguments: [
        "", ",", "\"1-a", "1-a", "\"1-a\"x", "\"1-a\" x", "x\"1-a\"", "\"1-A\"", "w/\"1-a\"", "W/ \"1-a\"", "**",
        "\"1-a\"\"1-a\"", "\"*\"",
    ])
    func `hold none that differs`(field: String) throws {
        #expect(!(try #require(IfNoneMatch(field)).contains("\"1-a\"")))
    }

    @Test func `are none where the client says nothing`() {
        #expect(IfNoneMatch(nil) == nil)
    }
}
