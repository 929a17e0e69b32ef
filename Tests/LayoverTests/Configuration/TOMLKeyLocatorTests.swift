import Testing

@testable import Layover

@Suite struct TOMLKeyLocatorTests {
    private static let text = """
        # hostname = "a comment"
        hostname = "mx1" # [spool]
        "quoted key" = 'C:\\'
        a.b."c d" = 1
        tls = { certificate = "/c,}", key = { deep = "x" } }
        list = [
            "one", # two]
            [ "nested", 2 ], "three",

            { name = "four" },
        ]
        long = \"""
        [fake]
        fake = "\\\"""
        \"""
        literal = '''
        fake = 1
        '''
          [ receive . "tls" ]   # header
        \tkey\t=\t1979-05-27 07:32:00
        [[array]]
        x = 1
        [[array]]
        y = [1,2
        """

    @Test(
        "A key, a header and an element of a list are found on their lines",
        arguments: [
            (["hostname"], 2), (["quoted key"], 3), (["a"], 4), (["a", "b", "c d"], 4), (["tls"], 5),
            (["tls", "certificate"], 5), (["tls", "key", "deep"], 5), (["list"], 6), (["list", "[0]"], 7),
            (["list", "[1]", "[1]"], 8), (["list", "[2]"], 8), (["list", "[3]"], 10), (["list", "[3]", "name"], 10),
            (["long"], 12), (["literal"], 16), (["receive"], 19), (["receive", "tls"], 19),
            (["receive", "tls", "key"], 20), (["array"], 21), (["array", "x"], 22), (["array", "y"], 24),
        ] as [([String], Int)])
    func found(_ components: [String], _ line: Int) {
        #expect(TOMLKeyLocator(Self.text).line(of: ConfigurationKey(components)) == line)
    }

    @Test("What stands in comments and strings is not found", arguments: [["spool"], ["fake"], ["two"]])
    func notFound(_ components: [String]) {
        #expect(TOMLKeyLocator(Self.text).line(of: ConfigurationKey(components)) == nil)
    }

    @Test(
        "The key at a line is the last one that begins there or before",
        arguments: [(2, "hostname"), (9, "list"), (13, "long")])
    func keyAtLine(_ line: Int, _ key: String) throws {
        let locator = TOMLKeyLocator(Self.text)
        let found = try #require(locator.key(at: line))
        #expect(found.components.first == key)
    }

    @Test("Every beginning of a text, and a text without any one byte, is read to its end")
    func brokenTextsEnd() {
        let bytes = Array(Self.text.utf8)
        for count in bytes.indices {
            _ = TOMLKeyLocator(String(decoding: bytes[..<count], as: UTF8.self))
            _ = TOMLKeyLocator(String(decoding: bytes[..<count] + bytes[(count + 1)...], as: UTF8.self))
        }
        for opening in ["[", "{", "a=[", "a={a=", "\"", "a=\"\"\"", "a='''", "}", "]", ",", "="] {
            _ = TOMLKeyLocator(String(repeating: opening, count: 10_000))
        }
    }
}
