import Testing

@testable import IMAPProtocol

struct ResponseCodeTests {
    @Test(
        "Codes of RFC 3501, 5530, 4469 and 7889 are told apart in any case",
        arguments: [
            ("ALERT", ResponseCode.alert), ("UNAVAILABLE", .unavailable),
            ("AUTHENTICATIONFAILED", .authenticationFailed),
            ("AUTHORIZATIONFAILED", .authorizationFailed), ("EXPIRED", .expired), ("PRIVACYREQUIRED", .privacyRequired),
            ("CONTACTADMIN", .contactAdmin), ("NOPERM", .noPermission), ("INUSE", .inUse),
            ("EXPUNGEISSUED", .expungeIssued),
            ("CORRUPTION", .corruption), ("SERVERBUG", .serverBug), ("CLIENTBUG", .clientBug), ("CANNOT", .cannot),
            ("LIMIT", .limit), ("OVERQUOTA", .overQuota), ("ALREADYEXISTS", .alreadyExists),
            ("NONEXISTENT", .nonExistent),
            ("TRYCREATE", .tryCreate), ("TOOBIG", .tooBig), ("PARSE", .parse), ("READ-ONLY", .readOnly),
            ("UIDNOTSTICKY", .uidNotSticky), ("UNKNOWN-CTE", .unknownCTE),
        ])
    func names(name: String, code: ResponseCode) throws {
        #expect(try WireReader.code("L1 NO [\(name)] words") == code)
        #expect(try WireReader.code("L1 NO [\(name.lowercased())]") == code)
    }

    static let validity = UIDValidity(38505)
    static func uids(_ numbers: UInt32...) -> [UID] { numbers.compactMap(UID.init) }

    @Test(
        "Arguments are read, and kept as text when they are not well-formed",
        arguments: [
            ("APPENDUID 38505 3955", ResponseCode.appendUID(validity, uids(3955))),
            ("APPENDUID 38505 257,259:261", .appendUID(validity, uids(257, 259, 260, 261))),
            ("APPENDUID 38505 9,3:5", .appendUID(validity, uids(9, 3, 4, 5))),
            ("APPENDUID 38505 4:2", .appendUID(validity, uids(2, 3, 4))),
            ("APPENDUID 38505 0", .other(name: "APPENDUID", arguments: "38505 0")),
            ("APPENDUID 38505 1:4294967295", .other(name: "APPENDUID", arguments: "38505 1:4294967295")),
            ("APPENDUID 38505 1:*", .other(name: "APPENDUID", arguments: "38505 1:*")),
            ("APPENDUID 99999999999 1", .other(name: "APPENDUID", arguments: "99999999999 1")),
            ("APPENDUID", .other(name: "APPENDUID", arguments: "")),
            ("UIDVALIDITY 7", .uidValidity(UIDValidity(7))),
            ("CAPABILITY IMAP4rev1 literal+", .capability(Capabilities(["IMAP4REV1", "LITERAL+"]))),
            ("REFERRAL imap://u@host/", .referral("imap://u@host/")),
            ("HIGHESTMODSEQ 12", .other(name: "HIGHESTMODSEQ", arguments: "12")),
            ("OVERQUOTA by far", .overQuota),
        ])
    func arguments(text: String, code: ResponseCode) throws {
        #expect(try WireReader.code("L1 OK [\(text)] words") == code)
    }

    @Test("A range with an end that is no number is not a code of ours")
    func trailingGarbage() throws {
        #expect(try WireReader.code("L1 OK [UIDNEXT x] words") == .other(name: "UIDNEXT", arguments: "x"))
    }

    @Test("Text without a whole code is words", arguments: ["[APPENDUID 1 2", "[", "[]", "no code"])
    func words(text: String) throws {
        guard case .tagged(let response)? = try WireReader.responses("L1 OK \(text)\r\n").first else {
            Issue.record("not tagged")
            return
        }
        #expect(response.text == ResponseText(words: text))
    }

    @Test("Words are safe to print")
    func controlCharacters() throws {
        guard case .tagged(let response)? = try WireReader.responses("L1 NO \u{1B}[2Jgone\u{7F}\r\n").first else {
            Issue.record("not tagged")
            return
        }
        #expect(response.text.words == "?[2Jgone?")
    }
}
