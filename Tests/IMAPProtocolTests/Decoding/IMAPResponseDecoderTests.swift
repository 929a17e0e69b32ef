import NIOCore
import TestKit
import Testing

@testable import IMAPProtocol

struct IMAPResponseDecoderTests {
    /// Events with the bytes of each literal joined, so that only what was said counts and not how it arrived.
    static func events(_ bytes: [UInt8], split: Int) throws -> [String] {
        var decoder = IMAPResponseDecoder()
        var said: [String] = []
        var literal: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            decoder.feed(ByteBuffer(bytes: rest.prefix(split)))
            rest = rest.dropFirst(split)
            while let event = try decoder.next() {
                switch event {
                case .text(let line): said.append("text \(String(buffer: line))")
                case .literalBegin(let size): said.append("begin \(size)")
                case .literalBytes(let bytes): literal += bytes.readableBytesView
                case .literalEnd:
                    said.append("bytes \(String(decoding: literal, as: UTF8.self))")
                    literal = []
                case .end: said.append("end")
                }
            }
        }
        return said
    }

    static let conversation = """
        * OK [CAPABILITY IMAP4rev1] ready {7}\r
        * 1 FETCH (UID 4 BODY[] {13}\r
        Hello\r\nw\norld)\r
        * 2 FETCH (BODY[] {0}\r
         UID 5)\r
        + go on\r
        * LIST () "/" {3+}\r
        a b\r
        L1 NO [ALERT] x {99}\r
        bare line feed\n
        """

    @Test("Events do not depend on how the bytes are split", arguments: 1...40)
    func splitInvariance(split: Int) throws {
        let bytes = Array(Self.conversation.utf8)
        #expect(try Self.events(bytes, split: split) == Self.events(bytes, split: .max))
    }

    @Test("Literals are cut out where data may have them and nowhere else")
    func events() throws {
        #expect(
            try Self.events(Array(Self.conversation.utf8), split: .max) == [
                "text * OK [CAPABILITY IMAP4rev1] ready {7}", "end",
                "text * 1 FETCH (UID 4 BODY[] {13}", "begin 13", "bytes Hello\r\nw\norld", "text )", "end",
                "text * 2 FETCH (BODY[] {0}", "begin 0", "bytes ", "text  UID 5)", "end",
                "text + go on", "end",
                "text * LIST () \"/\" {3+}", "begin 3", "bytes a b", "text ", "end",
                "text L1 NO [ALERT] x {99}", "end",
                "text bare line feed", "end",
            ])
    }

    @Test("What was fed and not yet given is known")
    func pendingBytes() throws {
        var decoder = IMAPResponseDecoder()
        decoder.feed(ByteBuffer(string: "L1 OK\r\n* "))
        _ = try decoder.next()
        _ = try decoder.next()
        #expect(try decoder.next() == nil)
        #expect(decoder.hasPendingBytes)
    }

    @Test(
        "A line of the maximum length is taken, one octet more is an error, whether or not it ends",
        arguments: [true, false])
    func lineLength(ends: Bool) throws {
        var limits = IMAPLimits()
        limits.lineLength = 100
        // The CR counts.
        let longest = "* OK " + String(repeating: "x", count: 94) + "\r\n"
        #expect(try WireReader.responses(longest, limits: limits).count == 1)
        let longer = "* OK " + String(repeating: "x", count: 96) + (ends ? "\r\n" : "")
        #expect(throws: ExceededMaximumLineLengthError.self) {
            try WireReader.responses(longer, split: 7, limits: limits)
        }
    }

    @Test(
        "A literal beyond the limit is refused before a byte of it is held",
        arguments: ["1001", "4294967295", "9223372036854775807", "9223372036854775808", "99999999999999999999999999"])
    func literalSize(announced: String) throws {
        var limits = IMAPLimits()
        limits.literalSize = 1000
        let error = try #require(throws: ExceededMaximumLiteralSizeError.self) {
            try WireReader.responses("* 1 FETCH (BODY[] {\(announced)}\r\n", limits: limits)
        }
        #expect(error.actualCount == Int(announced) ?? .max)
        #expect(error.maximumCount == 1000)
    }

    @Test("A literal of the largest size begins")
    func largestLiteral() throws {
        var limits = IMAPLimits()
        limits.literalSize = 1000
        #expect(try WireReader.responses("* 1 FETCH (BODY[] {1000}\r\n", limits: limits).isEmpty)
    }

    @Test("A response with too many literals is refused")
    func literalCount() {
        var limits = IMAPLimits()
        limits.literalsPerResponse = 3
        let wire = "* 1 FETCH (BODY[] {0}\r\n BODY[] {0}\r\n BODY[] {0}\r\n BODY[] {0}\r\n"
        #expect(throws: ExceededMaximumLiteralCountError(actualCount: 4, maximumCount: 3)) {
            try WireReader.responses(wire, limits: limits)
        }
    }

    @Test("The text of one response is bounded over all its lines")
    func responseText() {
        var limits = IMAPLimits()
        limits.responseText = 300
        let piece = String(repeating: "x", count: 60) + " {0}\r\n"
        #expect(throws: ExceededMaximumResponseTextError.self) {
            try WireReader.responses("* LIST " + String(repeating: piece, count: 8), limits: limits)
        }
    }

    @Test("Lists nested too deep are refused")
    func nesting() throws {
        func wire(_ depth: Int) -> String {
            "* 1 FETCH (X " + String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
                + ")\r\n"
        }
        #expect(try WireReader.responses(wire(32)).count == 1)
        #expect(throws: ExceededMaximumNestingError(actualCount: 33, maximumCount: 32)) {
            try WireReader.responses(wire(33))
        }
    }

    @Test("NUL in a response is refused", arguments: ["* OK a\0b\r\n", "L1 OK \0\r\n", "\0\r\n"])
    func nul(wire: String) {
        #expect(throws: IMAPParseError.self) { try WireReader.responses(wire) }
    }

    @Test("Random bytes give responses or errors, never a trap", arguments: UInt64(1)...60)
    func randomBytes(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let words = [
            "* ", "L1 ", "+ ", "OK ", "NO ", "[APPENDUID ", "[", "]", "(", ")", "{", "}", "{3}\r\n", "\r\n", "\n", "\"",
            "\\", "4294967295",
            "18446744073709551616", "0", "1:4294967295", ",", " FETCH ", "UID ", "BODY[", "RFC822.SIZE ", "STATUS ",
            "QUOTA ", "LIST ",
            "NAMESPACE ", "ID ", "CAPABILITY ", "NIL", " ", "~", "&", "BYE ", "abc", "QUOTAROOT ", "UIDNEXT ",
        ]
        for _ in 0..<200 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...30, using: &generator) {
                if Int.random(in: 0..<8, using: &generator) == 0 {
                    bytes.append(UInt8.random(in: 0...255, using: &generator))
                } else {
                    bytes += words.randomElement(using: &generator)?.utf8 ?? "".utf8
                }
            }
            var reader = WireReader()
            do {
                try reader.feed(bytes)
                try reader.feed(Array("\r\n)\r\n".utf8))
            } catch {
                #expect(error is IMAPParseError || error is any IMAPLimitError, "seed \(seed): \(bytes)")
            }
        }
    }
}
