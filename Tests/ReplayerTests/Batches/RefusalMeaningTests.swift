import IMAPProtocol
import Testing

@testable import Replayer

/// The action table of imap-targets §4, code by code.
struct RefusalMeaningTests {
    private static func meaning(_ code: ResponseCode?, _ words: String = "no", isSingle: Bool = true) -> RefusalMeaning
    {
        RefusalMeaning(
            AppendRefusal(status: .no, text: ResponseText(code: code, words: words), tokenWasSent: true),
            isSingle: isSingle)
    }

    @Test(
        "A code in the answer to APPEND stops the mailbox, parks the message, or has the folder made",
        arguments: [
            (.overQuota, .mailbox(.overQuota)), (.noPermission, .mailbox(.noPermission)),
            (.contactAdmin, .mailbox(.contactAdmin)), (.corruption, .mailbox(.contactAdmin)),
            (.unavailable, .mailbox(.unavailable)), (.inUse, .mailbox(.unavailable)),
            (.serverBug, .mailbox(.unavailable)), (.tryCreate, .folderMissing), (.nonExistent, .folderMissing),
            (.limit, .message(errorClass: "too-big", isExplained: true)),
            (.tooBig, .message(errorClass: "too-big", isExplained: true)),
            (.cannot, .message(errorClass: "refused", isExplained: true)),
            (.clientBug, .message(errorClass: "refused", isExplained: true)),
            (.parse, .message(errorClass: "refused", isExplained: true)),
            (.unknownCTE, .message(errorClass: "refused", isExplained: true)),
            (.expungeIssued, .message(errorClass: "refused", isExplained: false)),
            (.alert, .message(errorClass: "refused", isExplained: false)),
            (.alreadyExists, .message(errorClass: "refused", isExplained: false)),
            (.other(name: "X-NEW", arguments: ""), .message(errorClass: "refused", isExplained: false)),
            (nil, .message(errorClass: "refused", isExplained: false)),
        ] as [(ResponseCode?, RefusalMeaning)])
    func codes(code: ResponseCode?, expected: RefusalMeaning) {
        #expect(Self.meaning(code) == expected)
    }

    @Test(
        "Words without a code are understood where a server is known for them",
        arguments: [
            ("maximum message size exceeded", .message(errorClass: "too-big", isExplained: true)),
            ("Over quota", .mailbox(.overQuota)), ("You exceeded your mail quota.", .mailbox(.overQuota)),
            ("Message contains NUL characters", .message(errorClass: "refused", isExplained: true)),
            ("Message contains bare newlines", .message(errorClass: "refused", isExplained: true)),
            ("Message contains invalid header", .message(errorClass: "refused", isExplained: true)),
            ("Message contains non-ASCII characters in headers", .message(errorClass: "refused", isExplained: true)),
            ("APPEND failed", .message(errorClass: "refused", isExplained: false)),
        ] as [(String, RefusalMeaning)])
    func words(words: String, expected: RefusalMeaning) {
        #expect(Self.meaning(nil, words) == expected)
        #expect(Self.meaning(.alert, words) == expected)
    }

    @Test(
        "What concerns one message of several has that one looked for", arguments: [ResponseCode.tooBig, .cannot, nil])
    func several(code: ResponseCode?) {
        #expect(Self.meaning(code, isSingle: false) == .oneOfTheBatch(isExplained: code != nil))
    }

    @Test(
        "A code in the answer to the login tells whether to come again: only a passing one does",
        arguments: [
            (.unavailable, .unavailable), (.inUse, .unavailable), (.authenticationFailed, .credentials),
            (.authorizationFailed, .credentials), (.expired, .credentials), (.privacyRequired, .credentials),
            (.contactAdmin, .credentials), (.referral("imap://u@other/"), .otherServer), (.alert, .credentials),
            (nil, .credentials),
        ] as [(ResponseCode?, ReplayError.Code)])
    func login(code: ResponseCode?, expected: ReplayError.Code) {
        let error = IMAPError(.loginRefused, "refused", serverWords: "words of the server", responseCode: code)
        #expect(ReplayError(error).code == expected)
        #expect(ReplayError(error).description.contains("words of the server"))
    }

    @Test(
        "What Zimbra says of one account is no wrong password",
        arguments: [
            ("account undergoing maintenance; please try again later", .maintenance),
            ("account does not have IMAP access enabled", .noAccess), ("AUTHENTICATE failed", .credentials),
        ] as [(String, ReplayError.Code)])
    func account(words: String, expected: ReplayError.Code) {
        #expect(ReplayError(IMAPError(.loginRefused, "refused", serverWords: words)).code == expected)
        let moved = IMAPError(
            .loginRefused, "refused", serverWords: "LOGIN failed", responseCode: .referral("imap://u@two.example/"))
        #expect(ReplayError(moved).description.contains("imap://u@two.example/"))
    }

    @Test(
        "A code in the answer to EXAMINE or CREATE stops the mailbox",
        arguments: [
            (.nonExistent, .noMailbox), (.tryCreate, .noMailbox), (.noPermission, .noPermission),
            (.overQuota, .overQuota), (.serverBug, .refused), (nil, .refused),
        ] as [(ResponseCode?, ReplayError.Code)])
    func command(code: ResponseCode?, expected: ReplayError.Code) {
        #expect(ReplayError(IMAPError(.refused, "refused", responseCode: code)).code == expected)
    }
}
