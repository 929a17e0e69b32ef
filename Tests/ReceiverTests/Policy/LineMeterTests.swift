import MailModel
import TestKit
import Testing

@testable import Receiver

@Suite("The longest line of a message", .timeLimit(.minutes(10)))
struct LineMeterTests {
    private func exceeds(_ text: String, limit: Int, pieces: Int) -> Bool {
        var meter = LineMeter(limit: limit)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { meter.add($0) }
        }
        return meter.isExceeded
    }

    static let shapes: [(before: String, after: String)] = [
        ("", ""), ("", "x\r\ny\r\n"), ("a\r\nbb\r\n", ""), ("a\r\n\r\nbb\r\n", "z\r\n\r\nzz\r\n"),
    ]

    @Test("A line of the limit passes and one octet more does not, however the message is cut", arguments: shapes)
    func limit(before: String, after: String) {
        for limit in [8, 9, 20] {
            let exact = before + String(repeating: "l", count: limit - 2) + "\r\n" + after
            let long = before + String(repeating: "l", count: limit - 1) + "\r\n" + after
            for pieces in 1...(long.utf8.count) {
                #expect(!exceeds(exact, limit: limit, pieces: pieces), "\(limit) in pieces of \(pieces)")
                #expect(exceeds(long, limit: limit, pieces: pieces), "\(limit) in pieces of \(pieces)")
            }
        }
    }

    @Test("It agrees with a plain count on any text", arguments: UInt64(1)...20)
    func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let text = String(
                (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                    Int.random(in: 0..<6, using: &generator) == 0 ? "\n" : "x"
                })
            let longest =
                (text + "|").split(separator: "\n", omittingEmptySubsequences: false)
                // The last has no LF, and one octet that is not the text's.
                .map { $0.last == "|" ? $0.count - 1 : $0.count + 1 }.max() ?? 0
            for limit in [3, 7, 12] {
                let pieces = Int.random(in: 1...30, using: &generator)
                #expect(
                    exceeds(text, limit: limit, pieces: pieces) == (longest > limit),
                    "seed \(seed): \(text.debugDescription)")
            }
        }
    }

    @Test(
        "A message whose line is too long is read to its end and refused with 554 5.6.0; at the limit it is taken",
        arguments: [false, true])
    func session(isChunked: Bool) async throws {
        var limits = ReceiverLimits()
        limits.lineLength = ByteCount(2_000)
        try await ReceiverFixture.run(ReceiverFixture.configuration(limits)) { fixture, address in
            let client = try await SMTPTestClient.connect(to: address)
            _ = await client.reply()
            try await client.command("EHLO client.sender.test")
            for (length, code) in [(1_998, "250 2.0.0"), (1_999, "554 5.6.0"), (1_998, "250 2.0.0")] {
                try await client.command("MAIL FROM:<a@sender.test>")
                try await client.command("RCPT TO:<u@example.com>")
                let text = "Subject: x\r\n\r\n" + String(repeating: "l", count: length) + "\r\n"
                if isChunked {
                    try await client.send("BDAT \(text.utf8.count) LAST\r\n" + text)
                } else {
                    try await client.command("DATA")
                    try await client.send(text + ".\r\n")
                }
                #expect(await client.reply()?.hasPrefix(code) == true, "\(length)")
            }
            try await fixture.eventually { fixture.isAtRest }
            #expect(fixture.environment.statistics.snapshot.limits["line_length"] == 1)
        }
    }
}
