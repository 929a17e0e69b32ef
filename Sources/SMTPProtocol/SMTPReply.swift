public import MailModel
public import NIOCore

/// One reply, of one line or several (RFC 5321 §4.2), each line with the enhanced code where there is one (RFC 2034):
///
///     S: 250-mx1.example.com
///     S: 250 PIPELINING
///     S: 452 4.3.1 Insufficient storage on this server: …
///
/// All replies are made in `SMTPReply+Texts.swift`, from constants and configuration, never from what a client sent.
public struct SMTPReply: Hashable, Sendable {
    /// 2xx done, 3xx go on, 4xx try again later, 5xx do not try this again.
    public let code: UInt16
    public let enhancedCode: EnhancedStatusCode?
    /// At least one; without codes and line ends.
    public let lines: [String]

    /// As on the wire. Most replies are made once and written a million times.
    private let octets: ByteBuffer

    init(_ code: UInt16, _ enhancedCode: EnhancedStatusCode?, _ line: String, _ more: [String] = []) {
        self.code = code
        self.enhancedCode = enhancedCode
        self.lines = more.isEmpty ? [line] : [line] + more
        octets = Self.octets(code, enhancedCode, lines)
    }

    /// 4xx or 5xx.
    public var isRefusal: Bool { code >= 400 }

    /// Appends the reply's bytes to `buffer`; an empty one takes them over without a copy.
    public func write(to buffer: inout ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = octets
        } else {
            buffer.writeImmutableBuffer(octets)
        }
    }

    private static func octets(_ code: UInt16, _ enhancedCode: EnhancedStatusCode?, _ lines: [String]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(minimumWritableBytes: lines.reduce(0) { $0 + $1.utf8.count + 16 })
        for (index, line) in lines.enumerated() {
            writeNumber(UInt64(code), to: &buffer)
            buffer.writeInteger(index == lines.count - 1 ? UInt8(ascii: " ") : UInt8(ascii: "-"))
            if let enhancedCode {
                writeNumber(UInt64(enhancedCode.statusClass), to: &buffer)
                buffer.writeInteger(UInt8(ascii: "."))
                writeNumber(UInt64(enhancedCode.subject), to: &buffer)
                buffer.writeInteger(UInt8(ascii: "."))
                writeNumber(UInt64(enhancedCode.detail), to: &buffer)
                buffer.writeInteger(UInt8(ascii: " "))
            }
            buffer.writeString(line)
            buffer.writeInteger(UInt16(0x0D0A))
        }
        return buffer
    }

    private static func writeNumber(_ number: UInt64, to buffer: inout ByteBuffer) {
        if number >= 10 { writeNumber(number / 10, to: &buffer) }
        buffer.writeInteger(UInt8(ascii: "0") + UInt8(number % 10))
    }
}

extension SMTPReply: CustomStringConvertible {
    /// As on the wire, with LF between the lines and none at the end.
    public var description: String {
        String(buffer: octets).split(whereSeparator: \.isNewline).joined(separator: "\n")
    }
}
