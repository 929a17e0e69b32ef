import TestKit
import Testing

/// Rules of the stand-in that a replay does not meet (imap-targets §6, 9, 11 and 13).
@Suite(.timeLimit(.minutes(10)))
struct ZimbraStandInTests {
    private static let user = "u@example.test"

    private static func run(
        _ settings: ZimbraSettings = ZimbraSettings(), _ test: @escaping @Sendable (Int) throws -> Void
    ) async throws {
        let zimbra = try await ZimbraStandIn(settings)
        let port = zimbra.port
        try await onThreadOfItsOwn { try test(port) }
        await zimbra.close()
    }

    private static func reader(_ port: Int) throws -> MailboxReader {
        try MailboxReader(port: port, user: user, password: "test")
    }

    private static func append(_ date: String) -> String {
        "APPEND INBOX \"\(date)\" {15+}\r\nSubject: x\r\n\r\nb"
    }

    @Test("A date before 1970 or after 2038 is refused; one of 25 characters is taken")
    func dates() async throws {
        try await Self.run { port in
            let reader = try Self.reader(port)
            #expect(throws: (any Error).self) { try reader.answer(to: Self.append("01-Jan-1969 00:00:00 +0000")) }
            #expect(throws: (any Error).self) { try reader.answer(to: Self.append("20-Jan-2038 00:00:00 +0000")) }
            _ = try reader.answer(to: Self.append("1-Jan-2026 00:00:00 +0000"))
            _ = try reader.answer(to: Self.append("18-Jan-2038 00:00:00 +0000"))
            #expect(try reader.copies().count == 2)
        }
    }

    @Test("An idle connection is ended, before its login and after it")
    func idle() async throws {
        var settings = ZimbraSettings()
        (settings.idleBeforeLoginMilliseconds, settings.idleMilliseconds) = (50, 100)
        try await Self.run(settings) { port in
            let socket = try LoopbackSocket(port: UInt16(port))
            _ = try socket.readLine()
            #expect(String(decoding: try socket.readLine(), as: UTF8.self).hasPrefix("* BYE"))
            #expect(throws: (any Error).self) { try socket.readLine() }
        }
        settings.idleBeforeLoginMilliseconds = 60_000
        try await Self.run(settings) { port in
            let socket = try LoopbackSocket(port: UInt16(port))
            _ = try socket.readLine()
            try socket.write("t LOGIN \(Self.user) test\r\n")
            #expect(String(decoding: try socket.readLine(), as: UTF8.self).hasPrefix("t OK"))
            #expect(String(decoding: try socket.readLine(), as: UTF8.self).hasPrefix("* BYE"))
        }
    }

    @Test(
        "STATUS tells HIGHESTMODSEQ, VANISHED names every UID without a message, SEARCH HEADER finds only what the index has"
    )
    func numbers() async throws {
        var settings = ZimbraSettings()
        settings.idsBetweenMessages = { _ in 1 }
        settings.searchIndex = .lacksLast(1)
        try await Self.run(settings) { port in
            let reader = try Self.reader(port)
            for _ in 0..<2 { _ = try reader.answer(to: Self.append("18-Jan-2026 00:00:00 +0000")) }
            #expect(try reader.answer(to: "STATUS INBOX (MESSAGES HIGHESTMODSEQ)").joined().contains("HIGHESTMODSEQ "))
            _ = try reader.answer(to: "EXAMINE INBOX")
            let told = try reader.answer(to: "UID FETCH 257:260 (FLAGS) (CHANGEDSINCE 1 VANISHED)")
            #expect(told.first == "* VANISHED (EARLIER) 257,259", "\(told)")
            #expect(try reader.answer(to: "UID SEARCH HEADER Subject x") == ["* SEARCH 258"])
        }
    }
}
