import SMTPProtocol
import Testing

@Suite("A message in chunks")
struct ChunkFramingTests {
    private struct Decoded: Equatable {
        var message: [UInt8] = []
        var findings = DataFindings()
    }

    private func decode(_ input: [UInt8], cuts: [Int] = [], limit: Int = 1 << 20) -> Decoded {
        var decoder = DataDecoder(limit: limit, framing: .chunks)
        var decoded = Decoded()
        var start = 0
        for cut in cuts + [input.count] {
            let progress = Array(input[start..<cut]).withUnsafeBytes { chunk in
                decoder.decode(chunk) { decoded.message.append(contentsOf: $0) }
            }
            #expect(progress == .needsMoreInput)
            start = cut
        }
        decoder.finish { decoded.message.append(contentsOf: $0) }
        decoded.findings = decoder.findings
        return decoded
    }

    @Test(
        "Dots and every kind of line end",
        arguments: [
            ("", "", 0, false), ("a\r\n", "a\r\n", 0, false),
            (".\r\n..\r\n.x\r\n.\r\nb\r\n", ".\r\n..\r\n.x\r\n.\r\nb\r\n", 0, false),
            ("\r\n.\r\n", "\r\n.\r\n", 0, false), ("a", "a\r\n", 0, true), ("a\n", "a\r\n", 1, false),
            ("a\r", "a \r\n", 1, true),
            ("\r", " \r\n", 1, true), ("\n", "\r\n", 1, false), ("a\n.\nb\r\n", "a\r\n.\r\nb\r\n", 2, false),
            ("a\nb", "a\r\nb\r\n", 1, true),
            ("a\r\r\n", "a \r\n", 1, false), ("a\n\r\n", "a\r\n\r\n", 1, false), ("a\r\n.", "a\r\n.\r\n", 0, true),
        ])
    func content(input: String, message: String, newlines: Int, isCompleted: Bool) {
        let octets = Array(input.utf8)
        let whole = decode(octets)
        #expect(String(decoding: whole.message, as: UTF8.self) == message)
        #expect(whole.findings.normalizedNewlines == newlines)
        #expect(whole.findings.isLastLineCompleted == isCompleted)
        for cut in 0...octets.count { #expect(decode(octets, cuts: [cut]) == whole) }
        if octets.count > 1 { #expect(decode(octets, cuts: Array(1..<octets.count)) == whole) }
    }

    @Test("What smuggles in DATA is content in chunks, however it is cut", arguments: SmugglingTests.inputs)
    func smuggling(input: [UInt8]) {
        let whole = decode(input)
        for cut in 0...input.count { #expect(decode(input, cuts: [cut]) == whole) }
        // All that is not a line end comes out as it went in.
        let isText: (UInt8) -> Bool = { $0 > 0x20 }
        #expect(whole.message.filter(isText) == input.filter(isText))
        #expect(whole.findings.containsNUL == input.contains(0))
    }

    @Test("The limit is exact, also for what is added")
    func limit() {
        #expect(!decode(Array("abc\r\n".utf8), limit: 5).findings.isOversize)
        #expect(decode(Array("abc\r\n".utf8), limit: 4).findings.isOversize)
        #expect(!decode(Array("abc".utf8), limit: 5).findings.isOversize)
        #expect(decode(Array("abc".utf8), limit: 4).findings.isOversize)
    }
}
