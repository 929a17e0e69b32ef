public import NIOCore

/// Puts a response together from the decoder's events: keeps text and small literals, lets message bodies stream by.
public struct IMAPResponseAssembler {
    /// What the caller does after an event.
    public enum Action: Hashable, Sendable {
        /// Nothing.
        case none
        /// A literal that is not kept begins; its bytes come in `.literalBytes` events.
        case streamBegin(index: Int, size: Int)
        /// These bytes belong to it.
        case streamBytes(ByteBuffer)
        /// It is complete.
        case streamEnd(index: Int)
        case response(IMAPResponse)
    }

    private let limits: IMAPLimits
    private var text: [UInt8] = []
    private var literals: [IMAPLiteral] = []
    private var kept: [UInt8] = []
    private var keptTotal = 0
    private var isKeeping = false

    public init(limits: IMAPLimits = IMAPLimits()) { self.limits = limits }

    /// Throws `IMAPParseError` or an `IMAPLimitError`; either is final.
    public mutating func receive(_ event: IMAPResponseDecoder.Event) throws -> Action {
        switch event {
        case .text(let line):
            text.append(contentsOf: line.readableBytesView)
            return .none
        case .literalBegin(let size): return begin(size)
        case .literalBytes(let bytes):
            guard isKeeping else { return .streamBytes(bytes) }
            kept.append(contentsOf: bytes.readableBytesView)
            return .none
        case .literalEnd: return end()
        case .end:
            defer {
                text.removeAll(keepingCapacity: true)
                literals.removeAll(keepingCapacity: true)
                keptTotal = 0
            }
            return .response(try IMAPResponse(text: text, literals: literals, limits: limits))
        }
    }

    private mutating func begin(_ size: Int) -> Action {
        isKeeping = !isWholeBody && size <= limits.keptLiteralSize && keptTotal + size <= limits.responseText
        // The CRLF after `{n}` marks the place: no other CRLF can stand in the text.
        text.append(contentsOf: "\r\n".utf8)
        if isKeeping {
            keptTotal += size
            kept.removeAll(keepingCapacity: true)
            return .none
        }
        literals.append(.streamed(index: literals.count, size: size))
        return .streamBegin(index: literals.count - 1, size: size)
    }

    private mutating func end() -> Action {
        guard isKeeping else { return .streamEnd(index: literals.count - 1) }
        literals.append(.kept(kept))
        return .none
    }

    /// Whether the text up to here ends in `BODY[] {n}`.
    private var isWholeBody: Bool {
        guard let brace = text.lastIndex(of: UInt8(ascii: "{")) else { return false }
        let before = text[..<brace].suffix(7)
        return before.elementsEqual("BODY[] ".utf8) { $0 == $1 || ($0 >= 0x61 && $0 <= 0x7A && $0 & 0xDF == $1) }
    }
}
