import SMTPProtocol
import TestKit
import Testing

@Suite("No sequence but CRLF.CRLF ends DATA, however it is split")
struct SmugglingTests {
    /// What SMTP smuggling has been done with: servers that took one of these for the end of a message.
    static let sequences: [[UInt8]] =
        [
            "\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n.\r\r\n",
            "\r\r\n.\r\r\n",
            "\r\n\u{0}.\r\n", "\r\n.\u{0}\r\n", "\r\n.\u{0B}\r\n", "\r\n.\u{0C}\r\n", "\r\n.\u{2028}\r\n", "\r\n .\r\n",
            "\r\n. \r\n", "\r\n.\t\r\n", "\r\n..\r\n", "\r\n.x\r\n", "\n.\n.\r", "\r\n.\n\r\n", "\n\r.\r\n",
            "\r\n.\r.\r\n",
        ].map { Array($0.utf8) } + [Array("\r\n.".utf8) + [0x85] + Array("\r\n".utf8)]

    /// The sequence behind text, behind a line's end, and as the first octets; a forged transaction and the true end follow.
    static let inputs: [[UInt8]] = sequences.flatMap { sequence in
        ["text", "text\r\n", ""].map { before in
            Array(before.utf8) + sequence + Array("MAIL FROM:<forged@example.org>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n".utf8)
        }
    }

    @Test("The message goes on to the true end", arguments: inputs)
    func trueEnd(input: [UInt8]) {
        #expect(DecodedData(input).end == input.count - 6)
        #expect(DecodedData.plainly(input).end == input.count - 6)
    }

    @Test("CR CRLF.CRLF holds a true end: the end is seen, the CR is counted")
    func carriageReturnBeforeTrueEnd() {
        let decoded = DecodedData(Array("text\r\r\n.\r\nQUIT\r\n".utf8))
        #expect(decoded.end == 10)
        #expect(decoded.findings.normalizedNewlines == 1)
    }

    @Test("Every split into two and the split into single octets give the same message and findings", arguments: inputs)
    func splits(input: [UInt8]) {
        let whole = DecodedData(input)
        for cut in 0...input.count {
            #expect(DecodedData(input, cuts: [cut]) == whole, "cut at \(cut)")
        }
        #expect(DecodedData(input, cuts: Array(1..<input.count)) == whole)
        let (message, newlines, end) = DecodedData.plainly(input)
        #expect(whole.message == message)
        #expect(whole.findings.normalizedNewlines == newlines)
        #expect(whole.end == end)
    }

    @Test("Random input of few kinds of octets is read as the plain reading reads it", arguments: UInt64(1)...20)
    func randomInput(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let input = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Array("\r\n.x\r\n.\r\n\u{0}".utf8).randomElement(using: &random) ?? 0
            }
            let cuts = (0..<3).map { _ in Int.random(in: 0...input.count, using: &random) }.sorted()
            let decoded = DecodedData(input, cuts: cuts)
            let (message, newlines, end) = DecodedData.plainly(input)
            #expect(decoded.end == end, "seed \(seed), input \(input), cuts \(cuts)")
            guard let end else { continue }
            #expect(decoded.message == message, "seed \(seed), input \(input), cuts \(cuts)")
            #expect(decoded.findings.normalizedNewlines == newlines, "seed \(seed), input \(input), cuts \(cuts)")
            #expect(decoded.findings.containsNUL == input[..<end].contains(0), "seed \(seed), input \(input)")
        }
    }
}
