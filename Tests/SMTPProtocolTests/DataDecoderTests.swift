import SMTPProtocol
import Testing

@Suite("DATA is read to its true end and to nothing else")
struct DataDecoderTests {
    @Test(
        "What stands in DATA comes out as the message",
        arguments: [
            ("Subject: a\r\n\r\ntext\r\n.\r\n", "Subject: a\r\n\r\ntext\r\n"),
            (".\r\n", ""),
            ("\r\n.\r\n", "\r\n"),
            ("..\r\n.\r\n", ".\r\n"),
            ("a\r\n..\r\nb\r\n.\r\n", "a\r\n.\r\nb\r\n"),
            ("a\r\n.x\r\n.\r\n", "a\r\nx\r\n"),
            ("a\r\n....\r\n.\r\n", "a\r\n...\r\n"),
            ("a.\r\nb.c\r\n.\r\n", "a.\r\nb.c\r\n"),
        ])
    func cleanMessages(input: String, message: String) {
        let decoded = DecodedData(Array(input.utf8))
        #expect(String(decoding: decoded.message, as: UTF8.self) == message)
        #expect(decoded.end == input.utf8.count)
        #expect(decoded.findings.normalizedNewlines == 0)
        #expect(decoded.findings.octets == message.utf8.count)
    }

    @Test(
        "A bare LF becomes CRLF, a lone CR a space, and no dot behind them is unstuffed",
        arguments: [
            ("a\nb\r\n.\r\n", "a\r\nb\r\n", 1),
            ("a\rb\r\n.\r\n", "a b\r\n", 1),
            ("a\n..b\r\n.\r\n", "a\r\n..b\r\n", 1),
            ("a\r..b\r\n.\r\n", "a ..b\r\n", 1),
            ("a\r\r\n.\r\n", "a \r\n", 1),
            ("a\n\r\n.\r\n", "a\r\n\r\n", 1),
            ("a\r\n.\nb\r\n.\r\n", "a\r\n\r\nb\r\n", 1),
            ("a\r\n.\rb\r\n.\r\n", "a\r\n b\r\n", 1),
            ("\n\n\r\r\r\n.\r\n", "\r\n\r\n  \r\n", 4),
        ])
    func normalization(input: String, message: String, count: Int) {
        let decoded = DecodedData(Array(input.utf8))
        #expect(String(decoding: decoded.message, as: UTF8.self) == message)
        #expect(decoded.findings.normalizedNewlines == count)
    }

    @Test("Input behind the end is left alone")
    func inputBehindTheEnd() {
        let decoded = DecodedData(Array("a\r\n.\r\nMAIL FROM:<x@example.org>\r\n".utf8))
        #expect(decoded.end == 6)
        #expect(decoded.message == Array("a\r\n".utf8))
    }

    @Test("A clean chunk reaches the sink in one piece")
    func oneRunPerChunk() {
        let lines = String(repeating: "The quick brown fox jumps over the lazy dog. Really.\r\n", count: 1000)
        #expect(DecodedData(Array((lines + ".\r\n").utf8)).runs == 1)
    }

    @Test("A message of exactly the limit is taken, one octet more is not", arguments: [(0, false), (1, true)])
    func sizeLimit(excess: Int, isOversize: Bool) {
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 98 + excess) + Array("\r\n".utf8)
        let decoded = DecodedData(body + Array(".\r\n".utf8), limit: 100)
        #expect(decoded.findings.isOversize == isOversize)
        #expect(decoded.findings.octets == 100)
        #expect(decoded.end == body.count + 3)
    }

    @Test("The limit counts octets without dot-stuffing")
    func sizeLimitCountsUnstuffedOctets() {
        let decoded = DecodedData(Array("..aa\r\n.\r\n".utf8), limit: 5)
        #expect(!decoded.findings.isOversize)
    }

    @Test("An over-size message is read to its true end, so that nothing in it becomes a command")
    func oversizeIsReadToItsEnd() {
        let body = String(repeating: "x", count: 110) + "\r\n.\nMAIL FROM:<a@example.org>\r\n..\r\n"
        let decoded = DecodedData(Array((body + ".\r\nQUIT\r\n").utf8), limit: 100)
        #expect(decoded.end == body.utf8.count + 3)
        #expect(decoded.findings.isOversize)
        #expect(decoded.message.count == 100)
    }

    @Test("More than twice the limit without an end is given up, and stays so")
    func drainLimit() {
        var decoder = DataDecoder(limit: 100)
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 100)
        let progress = (0..<4).map { _ in chunk.withUnsafeBytes { decoder.decode($0) { _ in } } }
        #expect(progress == [.needsMoreInput, .needsMoreInput, .overflowed, .overflowed])
    }

    @Test("A NUL is found anywhere in the message, not behind it")
    func containsNUL() {
        #expect(DecodedData(Array("a\u{0}b\r\n.\r\n".utf8)).findings.containsNUL)
        #expect(DecodedData(Array("a\r\n.\u{0}\r\n.\r\n".utf8)).findings.containsNUL)
        #expect(!DecodedData(Array("a\r\n.\r\n\u{0}".utf8)).findings.containsNUL)
    }

    @Test("A chunk of lone CRs costs no more than its length")
    func loneCarriageReturns() {
        let decoded = DecodedData([UInt8](repeating: UInt8(ascii: "\r"), count: 200_000) + Array("\n.\r\n".utf8))
        #expect(decoded.findings.normalizedNewlines == 199_999)
        #expect(decoded.runs <= 200_000 / 4_000 + 1)
    }

    @Test(
        "A message of nothing but odd line ends makes few calls of the sink, however it is cut",
        arguments: ["\r", "\n", "\r\r\n", "x\r", "\n\r", "\r\n.\r"])
    func floodOfNewlines(piece: String) {
        let input = Array(String(repeating: piece, count: 120_000 / piece.utf8.count).utf8) + Array("\r\n.\r\n".utf8)
        for segment in [1_460, 16_384, input.count] {
            let cuts = Array(stride(from: segment, to: input.count, by: segment))
            let decoded = DecodedData(input, cuts: cuts)
            #expect(decoded.end != nil)
            // A call for each 4 KiB that were gathered (a bare LF makes two octets of one), and two for each piece of input.
            #expect(decoded.runs <= 2 * input.count / 4_096 + 2 * (cuts.count + 1), "\(segment)")
        }
    }
}
