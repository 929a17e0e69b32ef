import Glibc

/// Reads a message in pieces that may be split anywhere: between 354 and CRLF.CRLF (RFC 5321 §4.5.2), or out of the chunks of
/// BDAT (RFC 3030 §2).
///
/// In chunks a dot is a dot wherever it stands, and nothing ends the message but `finish()`, which gives the last line its CRLF
/// where the client left it out. For DATA:
/// Only CRLF `.` CRLF ends the message, or `.` CRLF as its very first octets; input behind it is left alone. The dot of a
/// stuffed line is removed only after a true CRLF of the input: what a bare LF or a lone CR comes before is never
/// taken for the start of a line, or one message could be read as two (SMTP smuggling). A bare LF comes out as CRLF, a
/// lone CR as a space, and both are counted; `BareNewlinePolicy` decides what the count means.
///
/// The sink gets stretches of the input that are as long as can be: the whole chunk, where there is nothing to change. Where much is to
/// be changed, what lies between is gathered, so that a message of nothing but bare newlines costs no call for each of them.
public struct DataDecoder: Sendable {
    /// How the client shows where its message ends.
    public enum Framing: Hashable, Sendable {
        /// DATA: by CRLF.CRLF; dots at the start of lines are doubled.
        case dots
        /// BDAT: by counted octets.
        case chunks
    }

    /// How far a chunk took the decoder.
    public enum Progress: Hashable, Sendable {
        /// The whole chunk was consumed and the message goes on.
        case needsMoreInput
        /// The message is complete; `consumed` octets of the chunk belonged to it and its final dot.
        case ended(consumed: Int)
        /// More than twice the limit has come in without an end. Nothing more will be read.
        case overflowed
    }

    /// Where in the grammar of lines the next octet stands. Octets named here as withheld are not yet given to the sink.
    private enum State {
        /// At the start of the message or behind a true CRLF.
        case lineStart
        /// Anywhere else in a line.
        case text
        /// Behind a withheld CR.
        case carriageReturn
        /// Behind a dot at a true line start, which is never given to the sink.
        case dot
        /// Behind such a dot and a withheld CR.
        case dotCarriageReturn
        /// The end was met or given up; no more input is looked at.
        case finished(Progress)
    }

    /// What is known of the message so far; final when `decode` has returned `.ended`.
    public private(set) var findings = DataFindings()

    private let framing: Framing
    private let limit: Int
    private let inputLimit: Int
    private var inputOctets = 0
    private var state = State.lineStart
    /// So many octets had been given to the sink when a bare LF was last made CRLF.
    private var normalizedLineEnd = 0
    /// Short stretches that the sink has not got yet.
    private var gathered: [UInt8] = []
    private static let shortStretch = 64
    private static let gatheredOctets = 4096

    /// - Parameter limit: the largest message in octets; a message of exactly this size is taken.
    public init(limit: Int, framing: Framing = .dots) {
        self.framing = framing
        self.limit = max(0, limit)
        self.inputLimit = self.limit.multipliedReportingOverflow(by: 2).overflow ? .max : self.limit * 2
    }

    /// Reads `chunk` up to its end or the end of the message. The sink may use its argument only during the call.
    public mutating func decode(
        _ chunk: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) -> Void
    ) -> Progress {
        if case .finished(let progress) = state { return progress }
        guard let base = chunk.baseAddress else { return .needsMoreInput }
        let end = scan(base, chunk.count, into: sink)
        giveGathered(to: sink)
        let consumed = end ?? chunk.count
        if !findings.containsNUL, memchr(base, 0, consumed) != nil { findings.containsNUL = true }
        inputOctets &+= consumed
        if let end {
            state = .finished(.ended(consumed: 0))
            return .ended(consumed: end)
        }
        guard findings.isOversize, inputOctets > inputLimit else { return .needsMoreInput }
        state = .finished(.overflowed)
        return .overflowed
    }

    /// The last chunk of BDAT was decoded: the findings are final when this returns.
    public mutating func finish(into sink: (UnsafeRawBufferPointer) -> Void) {
        if case .finished = state { return }
        if case .carriageReturn = state {
            replaceNewline(with: " ", sink)
            state = .text
        }
        if case .text = state, normalizedLineEnd != findings.octets {
            findings.isLastLineCompleted = true
            pass(Self.octets("\r\n"), to: sink)
        }
        giveGathered(to: sink)
        state = .finished(.ended(consumed: 0))
    }

    /// Runs the line grammar over the chunk; returns the number of octets up to the true end, nil when it is not met.
    private mutating func scan(
        _ base: UnsafeRawPointer, _ count: Int, into sink: (UnsafeRawBufferPointer) -> Void
    ) -> Int? {
        var stretch = Stretch(base: base, count: count)
        while stretch.position < count {
            let byte = stretch.next
            switch state {
            case .text: scanText(&stretch, into: sink)
            case .lineStart where byte == UInt8(ascii: ".") && framing == .dots:
                pass(stretch.takeAll(), to: sink)
                stretch.skip()
                state = .dot
            case .lineStart: state = .text
            case .dot where byte == UInt8(ascii: "\r"):
                stretch.skip()
                state = .dotCarriageReturn
            case .dot: state = .text
            case .dotCarriageReturn where byte == UInt8(ascii: "\n"): return stretch.position + 1
            case .carriageReturn where byte == UInt8(ascii: "\n"):
                pass(Self.octets("\r"), to: sink)
                stretch.position += 1
                state = .lineStart
            case .carriageReturn, .dotCarriageReturn:
                replaceNewline(with: " ", sink)
                state = .text
            case .finished: return nil
            }
        }
        pass(stretch.takeAll(), to: sink)
        return nil
    }

    /// Runs over text up to a true line start that needs a look, a CR at the end of the chunk, or the end of the chunk.
    /// Each octet is looked at twice at the most, whatever stands in it: once for LF, once for CR.
    private mutating func scanText(_ stretch: inout Stretch, into sink: (UnsafeRawBufferPointer) -> Void) {
        while stretch.position < stretch.count {
            let newline = stretch.nextNewline()
            guard let found = stretch.carriageReturn(before: newline) else {
                if newline == stretch.count {
                    stretch.position = newline
                    return
                }
                pass(stretch.take(upTo: newline), to: sink)
                replaceNewline(with: "\r\n", sink)
                normalizedLineEnd = findings.octets
                continue
            }
            if found + 1 < newline {
                pass(stretch.take(upTo: found), to: sink)
                replaceNewline(with: " ", sink)
            } else if newline == stretch.count {
                pass(stretch.take(upTo: found), to: sink)
                state = .carriageReturn
                return
            } else {
                stretch.position = newline + 1
                guard stretch.position < stretch.count, stretch.next != UInt8(ascii: ".") else {
                    state = .lineStart
                    return
                }
            }
        }
    }

    private mutating func replaceNewline(with octets: StaticString, _ sink: (UnsafeRawBufferPointer) -> Void) {
        findings.normalizedNewlines += 1
        pass(Self.octets(octets), to: sink)
    }

    /// Gives octets to the sink, up to the limit. What lies beyond it only marks the message as too large.
    private mutating func pass(_ octets: UnsafeRawBufferPointer, to sink: (UnsafeRawBufferPointer) -> Void) {
        guard !octets.isEmpty, !findings.isOversize else { return }
        let room = limit - findings.octets
        let taken = min(room, octets.count)
        findings.isOversize = octets.count > room
        findings.octets += taken
        guard taken > 0 else { return }
        let stretch = UnsafeRawBufferPointer(rebasing: octets[..<taken])
        guard taken > Self.shortStretch else {
            gathered.append(contentsOf: stretch)
            return gathered.count >= Self.gatheredOctets ? giveGathered(to: sink) : ()
        }
        giveGathered(to: sink)
        sink(stretch)
    }

    private mutating func giveGathered(to sink: (UnsafeRawBufferPointer) -> Void) {
        guard !gathered.isEmpty else { return }
        gathered.withUnsafeBytes { sink($0) }
        gathered.removeAll(keepingCapacity: true)
    }

    private static func octets(_ text: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}

extension DataDecoder {
    /// A chunk, how far it has been read, and from where on its octets have not yet been given to the sink.
    private struct Stretch {
        let base: UnsafeRawPointer
        let count: Int
        var position = 0
        private var start = 0
        /// The next LF at or behind `position`, `count` for none; out of date when it lies before `position`.
        private var newline = -1

        init(base: UnsafeRawPointer, count: Int) {
            self.base = base
            self.count = count
        }

        /// The octet at the position, which must lie in the chunk.
        var next: UInt8 { base.load(fromByteOffset: position, as: UInt8.self) }

        /// Leaves the octet at the position out of what the sink gets.
        mutating func skip() {
            position += 1
            start = position
        }

        /// What the sink has not got before `end`, which must lie in the chunk; the octet at `end` is left out.
        mutating func take(upTo end: Int) -> UnsafeRawBufferPointer {
            let octets = UnsafeRawBufferPointer(start: base + start, count: end - start)
            start = end + 1
            position = start
            return octets
        }

        /// What the sink has not got before the position.
        mutating func takeAll() -> UnsafeRawBufferPointer {
            let octets = UnsafeRawBufferPointer(start: base + start, count: position - start)
            start = position
            return octets
        }

        mutating func nextNewline() -> Int {
            if newline < position { newline = find(UInt8(ascii: "\n"), before: count) ?? count }
            return newline
        }

        func carriageReturn(before end: Int) -> Int? { find(UInt8(ascii: "\r"), before: end) }

        private func find(_ byte: UInt8, before end: Int) -> Int? {
            guard position < end, let found = memchr(base + position, Int32(byte), end - position) else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
