public import NIOCore

/// Cuts a server's bytes into the text and the literals of its responses (RFC 3501 §2.2.2, §4.3).
///
/// Feed it buffers split anywhere and take events until there are none:
///
///     S: * 1 FETCH (UID 4 BODY[] {11}        .text("* 1 FETCH (UID 4 BODY[] {11}"), .literalBegin(11)
///     S: Hello world)                        .literalBytes("Hello world"), .literalEnd, .text(")"), .end
///
/// Text comes in whole lines without their CRLF (a lone LF ends one too); literal octets come as they arrive, without being copied or
/// gathered. What is held is at most one line. An error is final.
public struct IMAPResponseDecoder {
    public enum Event: Hashable, Sendable {
        /// One line, or the piece of one up to and including a literal's `{n}`.
        case text(ByteBuffer)
        /// `n` octets of a literal follow.
        case literalBegin(Int)
        /// Some of them, never none.
        case literalBytes(ByteBuffer)
        /// All of them have come.
        case literalEnd
        /// The response is complete.
        case end
    }

    private enum State {
        /// In text; `scanned` octets of the buffer hold no LF.
        case line(scanned: Int)
        /// A literal was announced and its `.literalBegin` is still to be given.
        case literalAnnounced(Int)
        /// `remaining` octets of a literal are still to come, perhaps 0.
        case literal(remaining: Int)
        /// The last line of a response was given; its `.end` is still to be.
        case lineGiven
    }

    private let limits: IMAPLimits
    private var state = State.line(scanned: 0)
    private var buffer = ByteBuffer()
    private var textCount = 0
    private var literalCount = 0
    private var mayHoldLiterals = false

    public init(limits: IMAPLimits = IMAPLimits()) { self.limits = limits }

    /// Whether bytes were fed that no event has given yet. After the OK to STARTTLS there must be none: they were sent in clear.
    public var hasPendingBytes: Bool { buffer.readableBytes > 0 }

    /// Whether the next byte begins a response.
    public var isBetweenResponses: Bool {
        if case .line = state { return textCount == 0 && literalCount == 0 && !hasPendingBytes }
        return false
    }

    public mutating func feed(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next event, or nil until more is fed. Throws an `IMAPLimitError`.
    public mutating func next() throws -> Event? {
        switch state {
        case .line(let scanned): return try nextLine(scanned: scanned)
        case .literalAnnounced(let count):
            state = .literal(remaining: count)
            return .literalBegin(count)
        case .literal(0):
            state = .line(scanned: 0)
            return .literalEnd
        case .literal(let remaining):
            guard let bytes = buffer.readSlice(length: min(remaining, buffer.readableBytes)), bytes.readableBytes > 0
            else {
                return nil
            }
            state = .literal(remaining: remaining - bytes.readableBytes)
            return .literalBytes(bytes)
        case .lineGiven:
            state = .line(scanned: 0)
            (textCount, literalCount) = (0, 0)
            return .end
        }
    }

    private mutating func nextLine(scanned: Int) throws -> Event? {
        guard let feed = indexOfLineFeed(from: scanned) else {
            let held = buffer.readableBytes
            guard held <= limits.lineLength else {
                throw ExceededMaximumLineLengthError(actualCount: held, maximumCount: limits.lineLength)
            }
            try checkText(adding: held)
            state = .line(scanned: held)
            return nil
        }
        guard feed <= limits.lineLength else {
            throw ExceededMaximumLineLengthError(actualCount: feed, maximumCount: limits.lineLength)
        }
        try checkText(adding: feed)
        var line = buffer.readSlice(length: feed) ?? ByteBuffer()
        buffer.moveReaderIndex(forwardBy: 1)
        let last = line.readableBytes - 1
        if last >= 0, line.getInteger(at: line.readerIndex + last, as: UInt8.self) == UInt8(ascii: "\r") {
            line.moveWriterIndex(to: line.writerIndex - 1)
        }
        if textCount == 0 { mayHoldLiterals = Self.mayHoldLiterals(line) }
        textCount += feed + 1
        if mayHoldLiterals, let size = Self.literalSize(at: line) {
            try checkLiteral(size)
            state = .literalAnnounced(size)
        } else {
            state = .lineGiven
        }
        return .text(line)
    }

    private func indexOfLineFeed(from start: Int) -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            bytes[min(start, bytes.count)...].firstIndex(of: UInt8(ascii: "\n"))
        }
    }

    private func checkText(adding count: Int) throws {
        let total = textCount + count
        guard total <= limits.responseText else {
            throw ExceededMaximumResponseTextError(actualCount: total, maximumCount: limits.responseText)
        }
    }

    private mutating func checkLiteral(_ size: Int) throws {
        literalCount += 1
        guard literalCount <= limits.literalsPerResponse else {
            throw ExceededMaximumLiteralCountError(actualCount: literalCount, maximumCount: limits.literalsPerResponse)
        }
        guard size <= limits.literalSize else {
            throw ExceededMaximumLiteralSizeError(actualCount: size, maximumCount: limits.literalSize)
        }
    }

    /// Text for people may end in `{5}`: only untagged data has literals, not `+`, tagged, OK, NO, BAD, BYE and PREAUTH.
    private static func mayHoldLiterals(_ line: ByteBuffer) -> Bool {
        let start = line.readableBytesView.prefix(10).map { $0 & 0xDF }
        // "* " with the bit of lower case gone is 0x0A 0x00.
        guard start.count > 2, start[0] == 0x0A, start[1] == 0 else { return false }
        let word = start.dropFirst(2).prefix { $0 >= 0x41 }
        return !["OK", "NO", "BAD", "BYE", "PREAUTH"].contains { word.elementsEqual($0.utf8) }
    }

    /// The `n` of a line that ends in `{n}` or `{n+}`; `Int.max` when it does not fit.
    private static func literalSize(at line: ByteBuffer) -> Int? {
        let bytes = line.readableBytesView
        guard bytes.last == UInt8(ascii: "}") else { return nil }
        var rest = bytes.dropLast()
        if rest.last == UInt8(ascii: "+") { rest = rest.dropLast() }
        guard let brace = rest.lastIndex(of: UInt8(ascii: "{")) else { return nil }
        let digits = rest[(brace + 1)...]
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        var size = 0
        for digit in digits {
            let (tens, overflow) = size.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(digit - 0x30))
            guard !overflow, !carry else { return Int.max }
            size = sum
        }
        return size
    }
}
