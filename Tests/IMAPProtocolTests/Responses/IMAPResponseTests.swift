import Testing

@testable import IMAPProtocol

struct IMAPResponseTests {
    @Test("Tagged, untagged and continuation are told apart")
    func kinds() throws {
        let responses = try WireReader.responses(
            "L1 BAD maximum message size exceeded\r\n* BYE closing\r\n+ OK\r\n+\r\n")
        #expect(
            responses == [
                .tagged(
                    TaggedResponse(
                        tag: IMAPTag("L1"), status: .bad, text: ResponseText(words: "maximum message size exceeded"))),
                .untagged(.bye(ResponseText(words: "closing"))),
                .continuation(ResponseText(words: "OK")),
                .continuation(ResponseText(words: "")),
            ])
    }

    @Test("Words for people cannot steer a terminal, and do not run on for ever")
    func words() throws {
        let responses = try WireReader.responses(
            "* NO a\u{9B}2J\u{7F}b\u{1}ü\r\n* NO \(String(repeating: "x", count: 5000))\r\n")
        guard case .untagged(.condition(_, let first)) = responses[0],
            case .untagged(.condition(_, let second)) = responses[1]
        else {
            Issue.record("\(responses)")
            return
        }
        #expect(first.words == "a?2J?b?ü")
        #expect(second.words == String(repeating: "x", count: 1000) + "…")
    }

    @Test(
        "What is not IMAP is an error",
        arguments: [
            "", "HTTP/1.1 400 Bad Request", "L1", "L1 MAYBE", "*", "* ", "*OK", "* 1", "* 4294967296 EXISTS",
            "220 mx ESMTP",
        ])
    func notIMAP(line: String) {
        #expect(throws: IMAPParseError.self) { try WireReader.responses(line + "\r\n") }
    }

    @Test("FETCH gives what it has and skips what nobody asked for")
    func fetch() throws {
        let line =
            #"* 12 FETCH (FLAGS (\Seen $x) INTERNALDATE " 1-Jan-2026 00:00:00 +0000" UID 300 ENVELOPE ("a" (("b" NIL)) NIL) "#
            + #"RFC822.SIZE 44827 BODY[HEADER.FIELDS ("X-LAYOVER-ID")]<0> "q\"x" MODSEQ (7))"#
        let fetch = FetchResponse(
            sequenceNumber: 12, uid: UID(300), size: 44827,
            sections: [FetchedSection(name: #"HEADER.FIELDS ("X-LAYOVER-ID")"#, content: .kept(Array(#"q"x"#.utf8)))])
        #expect(try WireReader.untagged(line) == .fetch(fetch))
    }

    @Test("A FETCH cut short, as Zimbra sends it for a message that failed, is a FETCH")
    func shortFetch() throws {
        let fetch = FetchResponse(sequenceNumber: 3, uid: UID(9), size: nil, sections: [])
        #expect(try WireReader.untagged("* 3 FETCH (UID 9)") == .fetch(fetch))
    }

    @Test("An empty body may be a string or NIL", arguments: [("\"\"", IMAPLiteral.kept([])), ("NIL", nil)])
    func stub(body: String, content: IMAPLiteral?) throws {
        let fetch = FetchResponse(
            sequenceNumber: 3, uid: UID(9), size: 0, sections: [FetchedSection(name: "", content: content)])
        #expect(try WireReader.untagged("* 3 FETCH (UID 9 RFC822.SIZE 0 BODY[] \(body))") == .fetch(fetch))
    }

    @Test(
        "A FETCH that is not well-formed is an error",
        arguments: [
            "* 3 FETCH (UID 0)", "* 3 FETCH (UID", "* 3 FETCH UID 9", "* 3 FETCH (UID 4294967296)",
            "* 3 FETCH (RFC822.SIZE x)",
            "* 3 FETCH (BODY[ {3})", "* 3 FETCH (RFC822.SIZE 18446744073709551616)", "* 3 FETCH (BODY[] \"open)",
        ])
    func badFetch(line: String) {
        #expect(throws: IMAPParseError.self) { try WireReader.untagged(line) }
    }

    @Test("STATUS gives the numbers that matter and skips others")
    func status() throws {
        guard
            case .status(let status)? = try WireReader.untagged(
                #"* STATUS "INBOX" (MESSAGES 1207 RECENT 0 UIDNEXT 8000 UIDVALIDITY 1 HIGHESTMODSEQ 99)"#)
        else {
            Issue.record("not STATUS")
            return
        }
        #expect(status.mailbox == .inbox)
        #expect(status.messages == 1207)
        #expect(status.uidNext == UID(8000))
        #expect(status.uidValidity == UIDValidity(1))
    }

    @Test(
        "A mailbox's own limit, no limit, and what one may do",
        arguments: [("35651584", 35_651_584 as UInt64?), ("NIL", nil)])
    func limitsAndRights(text: String, limit: UInt64?) throws {
        guard case .status(let status)? = try WireReader.untagged("* STATUS INBOX (APPENDLIMIT \(text) UIDNEXT 8)"),
            case .myRights(let rights)? = try WireReader.untagged("* MYRIGHTS \"INBOX\" lrswipkxtecda")
        else {
            Issue.record("not STATUS and MYRIGHTS")
            return
        }
        #expect(status.appendLimit == limit && status.uidNext == UID(8))
        #expect(rights == "lrswipkxtecda")
    }

    @Test("A mailbox name may come as a literal")
    func literalName() throws {
        guard
            case .list(let list)? = try WireReader.responses("* LIST (\\HasNoChildren \\Trash) \"/\" {5}\r\nTrash\r\n")
                .first.untagged
        else {
            Issue.record("not LIST")
            return
        }
        #expect(list.mailbox.text == "Trash")
        #expect(list.attributes == ["\\hasnochildren", "\\trash"])
        #expect(list.separator == "/")
    }

    @Test("Quota, with and without a name for its root")
    func quota() throws {
        guard case .quota(let quota)? = try WireReader.untagged(#"* QUOTA "" (STORAGE 10 512 MESSAGE 3 100)"#),
            case .quotaRoot(let root)? = try WireReader.untagged(#"* QUOTAROOT INBOX "User quota" x"#),
            case .quotaRoot(let none)? = try WireReader.untagged("* QUOTAROOT INBOX")
        else {
            Issue.record("not quota")
            return
        }
        #expect(quota.resources["STORAGE"]?.used == 10)
        #expect(quota.resources["STORAGE"]?.limit == 512)
        #expect(root.roots == ["User quota", "x"])
        #expect(none.roots.isEmpty)
    }

    @Test(
        "NAMESPACE gives the user's own",
        arguments: [(#"(("" "/")) (("/home/" "/")) NIL"#, "", "/"), ("NIL NIL NIL", nil, nil)])
    func namespace(text: String, prefix: String?, separator: String?) throws {
        guard case .namespace(let namespace)? = try WireReader.untagged("* NAMESPACE \(text)") else {
            Issue.record("not NAMESPACE")
            return
        }
        #expect(namespace.prefix == prefix)
        #expect(namespace.separator == separator)
    }

    @Test(
        "ID gives the server's names",
        arguments: [
            (#"("NAME" "Zimbra" "VERSION" "10.1" "USER" NIL)"#, ["name": "Zimbra", "version": "10.1"]), ("NIL", [:]),
        ])
    func identification(text: String, fields: [String: String]) throws {
        #expect(try WireReader.untagged("* ID \(text)") == .id(fields))
    }
}

extension IMAPResponse? {
    fileprivate var untagged: UntaggedResponse? {
        if case .untagged(let response)? = self { response } else { nil }
    }
}
