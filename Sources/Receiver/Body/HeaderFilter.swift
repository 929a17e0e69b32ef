#if canImport(Glibc)
import Glibc
#endif

/// Reads the header of a message as it streams by: takes out `Authentication-Results` in our own name, and looks for signs
/// that the message has been here before, and for a gateway's word that it is junk.
///
///     Authentication-Results: mx1.example.com; spf=pass …     forged: nobody but this host may say so (RFC 8601 §5)
///     Received: from a by mx1.example.com with ESMTP id 01jd… here before (RFC 5321 §6.3)
///
/// What need not be held is passed on as it came, without a copy; a field of these two names that is cut by the end of a piece
/// is held until it is whole. Behind the header nothing is looked at. The split into pieces makes no difference.
struct HeaderFilter {
    /// A field of which more has come is judged by what there is: honest ones are far smaller.
    static let heldOctets = 16 << 10

    private enum State {
        /// At the start of a line; what is held of it is not yet enough to tell its name.
        case lineStart
        /// In a line that need not be looked at.
        case line
        /// In a field that is held until its end is known.
        case field
        /// In lines of a field that is taken out.
        case removing
        /// At the start of a line behind such a field.
        case removedLineStart
        case body
    }

    /// `Received:` lines met.
    private(set) var hops = 0
    /// A `Received:` line of this host, with an id of ours, was met.
    private(set) var wasHere = false
    /// Fields taken out.
    private(set) var removed = 0
    /// One of the fields was met that call a message junk.
    private(set) var isJunk = false

    private let hostname: [UInt8]
    private let verdicts: [JunkField]
    private var state = State.lineStart
    private var held: [UInt8] = []

    /// - Parameters:
    ///   - hostname: lower case.
    ///   - verdicts: what the client may call a message junk by.
    init(hostname: [UInt8], verdicts: [JunkField] = []) {
        self.hostname = hostname
        self.verdicts = verdicts
    }

    var isBody: Bool { if case .body = state { true } else { false } }

    /// Reads a piece and gives what stays of it to the sink, which may use its argument only during the call.
    mutating func read(_ piece: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) -> Void) {
        var cursor = Cursor(piece)
        while !cursor.isAtEnd {
            switch state {
            case .body: cursor.position = piece.count
            case .line: if cursor.skipLine() { state = .lineStart }
            case .lineStart: startLine(&cursor, sink)
            case .field: holdField(&cursor, sink)
            case .removing:
                if cursor.skipLine() { state = .removedLineStart }
                _ = cursor.take()
            case .removedLineStart: state = cursor.isAtFold ? .removing : .lineStart
            }
        }
        pass(cursor.take(), to: sink)
    }

    /// The message is at its end: gives to the sink what is still held.
    mutating func finish(into sink: (UnsafeRawBufferPointer) -> Void) {
        if case .field = state { return judgeHeld(isWhole: true, sink) }
        passHeld(to: sink)
    }

    private mutating func startLine(_ cursor: inout Cursor, _ sink: (UnsafeRawBufferPointer) -> Void) {
        guard held.isEmpty else { return goOnWithName(&cursor, sink) }
        switch HeaderFieldName.recognize(cursor.rest, verdicts: verdicts) {
        case .other: state = .line
        case .endOfHeader: state = .body
        case .undecided:
            pass(cursor.take(), to: sink)
            hold(cursor.rest)
            cursor.skipAll()
        case .field(let name):
            guard let end = cursor.endOfField else {
                pass(cursor.take(), to: sink)
                state = .field
                return
            }
            let keeps = judge(UnsafeRawBufferPointer(rebasing: cursor.rest[..<end]), name, isWhole: true)
            if keeps {
                cursor.position += end
            } else {
                pass(cursor.take(), to: sink)
                cursor.position += end
                _ = cursor.take()
            }
        }
    }

    /// The beginning of the line is held: takes octet after octet until it is known what the line is.
    private mutating func goOnWithName(_ cursor: inout Cursor, _ sink: (UnsafeRawBufferPointer) -> Void) {
        while let byte = cursor.next {
            held.append(byte)
            let recognized = held.withUnsafeBytes { HeaderFieldName.recognize($0, verdicts: verdicts) }
            if case .other = recognized {
                // The octet that decided may be the line's end.
                held.removeLast()
                passHeld(to: sink)
                state = .line
                return
            }
            cursor.position += 1
            _ = cursor.take()
            switch recognized {
            case .field:
                state = .field
                return
            case .endOfHeader:
                passHeld(to: sink)
                state = .body
                return
            case .undecided, .other: break
            }
        }
    }

    /// Holds the next line of the field, or, where none follows, judges it.
    private mutating func holdField(_ cursor: inout Cursor, _ sink: (UnsafeRawBufferPointer) -> Void) {
        if held.last == UInt8(ascii: "\n"), !cursor.isAtFold { return judgeHeld(isWhole: true, sink) }
        let start = cursor.position
        _ = cursor.skipLine()
        hold(UnsafeRawBufferPointer(rebasing: cursor.bytes[start..<cursor.position]))
        _ = cursor.take()
        if held.count > Self.heldOctets { judgeHeld(isWhole: false, sink) }
    }

    private mutating func judgeHeld(isWhole: Bool, _ sink: (UnsafeRawBufferPointer) -> Void) {
        let field = held
        let keeps = field.withUnsafeBytes { bytes in
            guard case .field(let name) = HeaderFieldName.recognize(bytes, verdicts: verdicts) else { return true }
            return judge(bytes, name, isWhole: isWhole)
        }
        let endsLine = held.last == UInt8(ascii: "\n")
        if keeps {
            passHeld(to: sink)
            state = endsLine ? .lineStart : .line
        } else {
            held.removeAll(keepingCapacity: true)
            state = endsLine ? .removedLineStart : .removing
        }
    }

    /// Counts the field; false when it must go.
    private mutating func judge(_ field: UnsafeRawBufferPointer, _ name: HeaderFieldName, isWhole: Bool) -> Bool {
        switch name {
        case .received:
            hops += 1
            wasHere = wasHere || OwnTraces.isTraceLine(field, of: hostname)
            return true
        case .authenticationResults:
            guard OwnTraces.speaksInName(of: hostname, field, isWhole: isWhole) else { return true }
            removed += 1
            return false
        case .verdict:
            isJunk = isJunk || verdicts.contains { $0.matches(field) }
            return true
        }
    }

    private mutating func hold(_ bytes: UnsafeRawBufferPointer) { held.append(contentsOf: bytes) }

    private mutating func passHeld(to sink: (UnsafeRawBufferPointer) -> Void) {
        held.withUnsafeBytes { pass($0, to: sink) }
        held.removeAll(keepingCapacity: true)
    }

    private func pass(_ bytes: UnsafeRawBufferPointer, to sink: (UnsafeRawBufferPointer) -> Void) {
        if !bytes.isEmpty { sink(bytes) }
    }
}

extension HeaderFilter {
    /// A piece, how far it has been read, and from where on its octets have not yet been passed on.
    private struct Cursor {
        let bytes: UnsafeRawBufferPointer
        var position = 0
        private var start = 0

        init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        var isAtEnd: Bool { position >= bytes.count }
        var next: UInt8? { isAtEnd ? nil : bytes[position] }
        /// The next line goes on with the field before it (RFC 5322 §2.2.3).
        var isAtFold: Bool { next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") }
        var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[min(position, bytes.count)...]) }

        /// What lies between the last call and the position.
        mutating func take() -> UnsafeRawBufferPointer {
            defer { start = position }
            return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        }

        mutating func skipAll() {
            position = bytes.count
            start = position
        }

        /// Steps behind the next LF, or to the end where there is none, and then gives false.
        mutating func skipLine() -> Bool {
            guard let end = endOfLine(from: position) else {
                position = bytes.count
                return false
            }
            position = end
            return true
        }

        /// Octets from the position to the end of the field that begins there; nil where it may go on behind the piece.
        var endOfField: Int? {
            var line = position
            while let end = endOfLine(from: line), end < bytes.count {
                guard bytes[end] == UInt8(ascii: " ") || bytes[end] == UInt8(ascii: "\t") else { return end - position }
                line = end
            }
            return nil
        }

        private func endOfLine(from start: Int) -> Int? {
            guard start < bytes.count, let base = bytes.baseAddress,
                let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base + 1
        }
    }
}
