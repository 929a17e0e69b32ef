import Glibc
public import NIOCore

/// Cuts command lines out of what the client has sent.
///
/// A line ends with LF, with a CR before it or without, as in Postfix; only in DATA must it be CRLF. Where bare newlines are refused
/// (``BareNewlinePolicy/reject``) one without a CR is no command, as in Postfix too. What is left in the buffer is never longer than `SMTPLimits.commandLineOctets`, and each octet is looked at once for its line's end
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
    private let bareNewlines: BareNewlinePolicy
    private var state = State.line(scanned: 0)
    /// What the last line held in place of a path, where it was MAIL or RCPT and ``SMTPCommand/malformed(_:)``; for the log.
    public private(set) var misspelt: MisspeltPath?

    public init(limits: SMTPLimits = SMTPLimits(), bareNewlines: BareNewlinePolicy = .normalize) {
        self.limits = limits
        self.bareNewlines = bareNewlines
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
        let command = buffer.withUnsafeReadableBytes { self.command(UnsafeRawBufferPointer(rebasing: $0[..<octets])) }
        buffer.moveReaderIndex(forwardBy: octets)
        return command
    }

    /// One line with its line end.
    private mutating func command(_ line: UnsafeRawBufferPointer) -> SMTPCommand {
        var end = line.count - 1
        let endsWithCR = end > 0 && line[end - 1] == UInt8(ascii: "\r")
        if endsWithCR { end -= 1 }
        guard endsWithCR || bareNewlines == .normalize else { return .malformed(.bareLineFeed) }
        let text = UnsafeRawBufferPointer(rebasing: line[..<end])
        let command = SMTPCommand(line: text, limits: limits)
        if case .malformed = command { misspelt = MisspeltPath(line: text) } else if misspelt != nil { misspelt = nil }
        return command
    }

    /// Throws away what belongs to a line that is too long, up to and with its LF.
    private mutating func discard(from buffer: inout ByteBuffer, discarded: Int) -> SMTPCommand? {
        if discarded == 0, buffer.withUnsafeReadableBytes({ self.noteLongLine($0) }) {
            // Raw octets follow such a line, and how many cannot be known.
            state = .spent
            _ = discardAll(from: &buffer)
            return .malformed(.chunk)
        }
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

    /// Keeps the beginning of a line that is too long; tells whether it is a BDAT.
    private mutating func noteLongLine(_ line: UnsafeRawBufferPointer) -> Bool {
        misspelt = MisspeltPath(line: line)
        return SMTPCommand.announcesChunk(line)
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
