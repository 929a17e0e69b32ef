import Glibc
public import NIOCore

/// Cuts command lines out of what the client has sent.
///
/// A line ends with LF, with a CR before it or without, as in Postfix; only in DATA must it be CRLF. What is left in
/// the buffer is never longer than `SMTPLimits.commandLineOctets`, and each octet is looked at once for its line's end
/// however small the pieces are in which it comes.
public struct SMTPLineDecoder: Sendable {
    private enum State {
        /// At the start of a line or in it; so many octets after the buffer's reader index are known to hold no LF.
        case line(scanned: Int)
        /// In a line that is too long, of which so many octets have been thrown away.
        case discarding(octets: Int)
        /// The session must close; everything more is thrown away.
        case spent
    }

    private let limits: SMTPLimits
    private var state = State.line(scanned: 0)

    public init(limits: SMTPLimits = SMTPLimits()) {
        self.limits = limits
    }

    /// Takes the next command from `buffer`; nil when more input is needed.
    ///
    /// Between two calls the handler may append to the buffer and discard read bytes, nothing else. What stands in the
    /// buffer after a command is input that the client sent without waiting for the answer.
    public mutating func next(from buffer: inout ByteBuffer) -> SMTPCommand? {
        switch state {
        case .line(let scanned): nextLine(from: &buffer, scanned: scanned)
        case .discarding(let octets): discard(from: &buffer, discarded: octets)
        case .spent: discardAll(from: &buffer)
        }
    }

    private mutating func nextLine(from buffer: inout ByteBuffer, scanned: Int) -> SMTPCommand? {
        if scanned == 0, let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self),
            first == SMTPCommand.tlsHandshakeRecord
        {
            // A ClientHello need not hold an LF: waiting for one would be waiting for the timeout.
            state = .spent
            _ = discardAll(from: &buffer)
            return .foreign(.tls)
        }
        guard let octets = Self.lineLength(in: buffer, from: scanned) else {
            if buffer.readableBytes >= limits.commandLineOctets { return discard(from: &buffer, discarded: 0) }
            state = .line(scanned: buffer.readableBytes)
            return nil
        }
        guard octets <= limits.commandLineOctets else { return discard(from: &buffer, discarded: 0) }
        state = .line(scanned: 0)
        let limits = self.limits
        let command = buffer.withUnsafeReadableBytes { bytes -> SMTPCommand in
            var end = octets - 1
            if end > 0, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            return SMTPCommand(line: UnsafeRawBufferPointer(rebasing: bytes[..<end]), limits: limits)
        }
        buffer.moveReaderIndex(forwardBy: octets)
        return command
    }

    /// Throws away what belongs to a line that is too long, up to and with its LF.
    private mutating func discard(from buffer: inout ByteBuffer, discarded: Int) -> SMTPCommand? {
        let length = Self.lineLength(in: buffer, from: 0)
        let octets = length ?? buffer.readableBytes
        buffer.moveReaderIndex(forwardBy: octets)
        if discarded + octets > limits.discardedCommandOctets {
            state = .spent
            return .malformed(.endlessLine)
        }
        guard length != nil else {
            state = .discarding(octets: discarded + octets)
            return nil
        }
        state = .line(scanned: 0)
        return .malformed(.lineTooLong)
    }

    private func discardAll(from buffer: inout ByteBuffer) -> SMTPCommand? {
        buffer.moveReaderIndex(to: buffer.writerIndex)
        return nil
    }

    /// The number of octets up to and with the first LF; nil when there is none.
    private static func lineLength(in buffer: ByteBuffer, from start: Int) -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress,
                let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base + 1
        }
    }
}
