import Testing

@testable import Layover

@Suite("Line ends and From lines of exported mail")
struct UnixLineEncoderTests {
    private func encoded(_ text: String, quotesFrom: Bool, pieces: Int) -> String {
        var encoder = UnixLineEncoder(quotesFrom: quotesFrom)
        var output: [UInt8] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { encoder.encode($0, into: &output) }
        }
        encoder.finish(into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test(
        "mboxrd, wherever the pieces are cut",
        arguments: [
            ("From a\r\n", ">From a\n"), (">From a\r\n", ">>From a\n"), (">>>From a\r\nx", ">>>>From a\nx\n"),
            ("a From b\r\n", "a From b\n"), ("Fro\r\nFrom\r\nFrom: x\r\n", "Fro\nFrom\nFrom: x\n"),
            ("FFrom a\r\n>FFrom b\r\n", "FFrom a\n>FFrom b\n"), ("> From a\r\n", "> From a\n"),
            ("", ""), ("\r\n", "\n"), ("x", "x\n"), (">", ">\n"), ("Fro", "Fro\n"), ("From ", ">From \n"),
            ("a\rb\r\n", "a\rb\n"), ("a\r\r\nFrom b\r\n", "a\r\n>From b\n"), ("a\nFrom b\n", "a\n>From b\n"),
            ("\rFrom b\r\n", "\rFrom b\n"), ("FroFrom \r\n", "FroFrom \n"), ("end\r", "end\r\n"),
            (">\r\n>\r\nFrom \r\n", ">\n>\n>From \n"),
        ], [1, 2, 3, 5, 1_000])
    func mboxrd(sample: (String, String), pieces: Int) {
        #expect(encoded(sample.0, quotesFrom: true, pieces: pieces) == sample.1)
    }

    @Test("Maildir keeps From lines", arguments: [1, 3, 100])
    func maildir(pieces: Int) {
        #expect(encoded("From a\r\n>From b\r\n\r\n", quotesFrom: false, pieces: pieces) == "From a\n>From b\n\n")
    }
}
