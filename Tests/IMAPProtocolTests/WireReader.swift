import NIOCore

@testable import IMAPProtocol

/// Reads bytes as a client would, in pieces of any size.
struct WireReader {
    var decoder: IMAPResponseDecoder
    var assembler: IMAPResponseAssembler
    private(set) var responses: [IMAPResponse] = []
    /// The literals that were streamed, each whole.
    private(set) var streamed: [[UInt8]] = []

    init(limits: IMAPLimits = IMAPLimits()) {
        decoder = IMAPResponseDecoder(limits: limits)
        assembler = IMAPResponseAssembler(limits: limits)
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) throws {
        decoder.feed(ByteBuffer(bytes: bytes))
        while let event = try decoder.next() {
            switch try assembler.receive(event) {
            case .response(let response): responses.append(response)
            case .streamBegin: streamed.append([])
            case .streamBytes(let bytes): streamed[streamed.count - 1] += bytes.readableBytesView
            case .none, .streamEnd: break
            }
        }
    }

    static func responses(_ wire: String, split: Int = .max, limits: IMAPLimits = IMAPLimits()) throws -> [IMAPResponse]
    {
        var reader = WireReader(limits: limits)
        var rest = Array(wire.utf8)[...]
        while !rest.isEmpty {
            try reader.feed(rest.prefix(split))
            rest = rest.dropFirst(split)
        }
        return reader.responses
    }

    static func untagged(_ line: String) throws -> UntaggedResponse? {
        guard case .untagged(let response)? = try responses(line + "\r\n").first else { return nil }
        return response
    }

    static func code(_ line: String) throws -> ResponseCode? {
        guard case .tagged(let response)? = try responses(line + "\r\n").first else { return nil }
        return response.text.code
    }
}
