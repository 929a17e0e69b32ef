import NIOCore
import SMTPProtocol
import Testing

@Suite("Command lines are cut out of the input")
struct SMTPLineDecoderTests {
    private func commands(_ input: [UInt8], pieces: Int) -> [SMTPCommand] {
        var decoder = SMTPLineDecoder()
        var buffer = ByteBuffer()
        var commands: [SMTPCommand] = []
        for start in stride(from: 0, to: input.count, by: pieces) {
            buffer.writeBytes(input[start..<min(start + pieces, input.count)])
            while let command = decoder.next(from: &buffer) { commands.append(command) }
            #expect(buffer.readableBytes < SMTPLimits().commandLineOctets)
        }
        return commands
    }

    @Test("Any size of the pieces gives the same commands", arguments: [1, 2, 3, 7, 100, 3000, 1 << 20])
    func splits(pieces: Int) {
        let long = String(repeating: "x", count: 5000)
        let input = "NOOP\r\nRSET\n\r\nQUIT \(long)\r\nNOOP\r\r\nDATA\r\n\(long)\nVRFY a\r\n"
        #expect(
            commands(Array(input.utf8), pieces: pieces) == [
                .noop, .rset, .unknown, .malformed(.lineTooLong), .malformed(.controlCharacter), .data,
                .malformed(.lineTooLong), .vrfy,
            ])
    }

    @Test("An endless line is given up once, at its cap, and memory stays flat", arguments: [1000, 10_000])
    func endlessLine(pieces: Int) {
        let input = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000) + Array("\nNOOP\n".utf8)
        #expect(commands(input, pieces: pieces) == [.malformed(.endlessLine)])
    }

    @Test("A line of exactly the limit is read; what the client sent behind it stays in the buffer")
    func limit() {
        var decoder = SMTPLineDecoder()
        var buffer = ByteBuffer(string: "NOOP " + String(repeating: "x", count: 2041) + "\r\nRSET")
        #expect(decoder.next(from: &buffer) == .noop)
        #expect(buffer.readableBytes == 4)
        #expect(decoder.next(from: &buffer) == nil)
    }
}
