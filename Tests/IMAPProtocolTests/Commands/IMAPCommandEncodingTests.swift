import NIOCore
import Testing

@testable import IMAPProtocol

struct IMAPCommandEncodingTests {
    static func wire(_ command: IMAPCommand) throws -> [String] {
        try command.encode(tag: IMAPTag("L1")).pieces.map { String(buffer: $0) }
    }

    @Test(
        "Commands on the wire",
        arguments: [
            (.capability, "L1 CAPABILITY\r\n"), (.noop, "L1 NOOP\r\n"), (.logout, "L1 LOGOUT\r\n"),
            (.startTLS, "L1 STARTTLS\r\n"),
            (.namespace, "L1 NAMESPACE\r\n"), (.close, "L1 CLOSE\r\n"), (.unselect, "L1 UNSELECT\r\n"),
            (.login(user: "u*migrator", password: #"p"a\s s"#), #"L1 LOGIN "u*migrator" "p\"a\\s s""# + "\r\n"),
            (.id(name: "layover", version: nil), "L1 ID (\"name\" \"layover\")\r\n"),
            (.id(name: "layover", version: "1"), "L1 ID (\"name\" \"layover\" \"version\" \"1\")\r\n"),
            (.status(.inbox), "L1 STATUS \"INBOX\" (MESSAGES UIDNEXT UIDVALIDITY)\r\n"),
            (.examine(.inbox), "L1 EXAMINE \"INBOX\"\r\n"), (.create(.inbox), "L1 CREATE \"INBOX\"\r\n"),
            (.delete(.inbox), "L1 DELETE \"INBOX\"\r\n"), (.select(.inbox), "L1 SELECT \"INBOX\"\r\n"),
            (.myRights(.inbox), "L1 MYRIGHTS \"INBOX\"\r\n"),
            (.statusAppendLimit(.inbox), "L1 STATUS \"INBOX\" (APPENDLIMIT)\r\n"),
            (.getQuotaRoot(.inbox), "L1 GETQUOTAROOT \"INBOX\"\r\n"),
            (.list(reference: "", pattern: "*"), "L1 LIST \"\" \"*\"\r\n"),
            (
                .authenticatePlain(authorize: "user", authenticate: "admin", password: "pw", hasInitialResponse: true),
                "L1 AUTHENTICATE PLAIN dXNlcgBhZG1pbgBwdw==\r\n"
            ),
        ] as [(IMAPCommand, String)])
    func commands(command: IMAPCommand, wire: String) throws {
        #expect(try Self.wire(command) == [wire])
    }

    @Test("UID FETCH names ranges and never an asterisk")
    func fetch() throws {
        let uids = UIDSet([4, 5, 6, 9].compactMap(UID.init))
        #expect(try Self.wire(.uidFetch(uids, .whole)) == ["L1 UID FETCH 4:6,9 (UID RFC822.SIZE BODY.PEEK[])\r\n"])
        #expect(
            try Self.wire(.uidFetch(uids, .trace))
                == ["L1 UID FETCH 4:6,9 (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (X-LAYOVER-ID)])\r\n"])
        #expect(throws: IMAPEncodeError(.emptyUIDSet)) { try Self.wire(.uidFetch(UIDSet([]), .whole)) }
    }

    @Test("Removing names UIDs, never an asterisk, and never nothing")
    func removal() throws {
        let uids = UIDSet([4, 5, 9].compactMap(UID.init))
        #expect(
            try Self.wire(.uidMarkDeleted(uids)) == ["L1 UID STORE 4:5,9 +FLAGS.SILENT (\\Deleted)\r\n"])
        #expect(try Self.wire(.uidExpunge(uids)) == ["L1 UID EXPUNGE 4:5,9\r\n"])
        for command in [IMAPCommand.uidMarkDeleted(UIDSet([])), .uidExpunge(UIDSet([]))] {
            #expect(throws: IMAPEncodeError(.emptyUIDSet)) { try Self.wire(command) }
        }
    }

    @Test("Without SASL-IR the secret waits for the server's continuation")
    func plainWithoutInitialResponse() throws {
        let command = IMAPCommand.authenticatePlain(
            authorize: "", authenticate: "u", password: "p", hasInitialResponse: false)
        #expect(try Self.wire(command) == ["L1 AUTHENTICATE PLAIN\r\n", "AHUAcA==\r\n"])
    }

    @Test("A string that cannot be quoted goes as a literal that waits")
    func literal() throws {
        #expect(
            try Self.wire(.login(user: "u", password: "geheimnisträger"))
                == ["L1 LOGIN \"u\" {16}\r\n", "geheimnisträger\r\n"])
        let long = String(repeating: "x", count: 1001)
        #expect(try Self.wire(.login(user: long, password: "p")) == ["L1 LOGIN {1001}\r\n", "\(long) \"p\"\r\n"])
        let longest = String(repeating: "x", count: 1000)
        #expect(try Self.wire(.login(user: longest, password: "p")) == ["L1 LOGIN \"\(longest)\" \"p\"\r\n"])
    }

    @Test(
        "A string that could end the command is refused", arguments: ["a\rb", "a\nb", "a\0b", "a\r\nL2 DELETE INBOX"])
    func injection(text: String) {
        #expect(throws: IMAPEncodeError(.controlCharacter)) { try Self.wire(.login(user: text, password: "p")) }
        #expect(throws: IMAPEncodeError(.controlCharacter)) { try Self.wire(.login(user: "u", password: text)) }
    }

    @Test("Credentials do not show their secret")
    func secrets() {
        let credentials = IMAPCredentials.login(user: "u", password: "geheim")
        #expect(!"\(credentials) \(String(reflecting: credentials))".contains("geheim"))
    }

    @Test(
        "Base 64 of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ])
    func base64(text: String, encoded: String) { #expect(Base64.encode(Array(text.utf8)) == encoded) }
}
