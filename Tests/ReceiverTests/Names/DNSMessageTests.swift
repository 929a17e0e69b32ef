import NIOCore
import Testing

@testable import Receiver

@Suite("DNS messages")
struct DNSMessageTests {
    private static let question = DNSQuestion(name: "2.0.0.127.list.test", type: .a)

    @Test("An address is asked for from its end on, IPv4 by octets and IPv6 by half octets")
    func reversed() throws {
        let four = try #require(IPAddressBits(SocketAddress(ipAddress: "192.0.2.1", port: 0)))
        #expect(DNSQuestion.reversed(four, below: "list.test") == "1.2.0.192.list.test")
        let six = try #require(IPAddressBits(SocketAddress(ipAddress: "2001:db8::1", port: 0)))
        #expect(
            DNSQuestion.reversed(six, below: "ip6.arpa")
                == "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")
    }

    @Test("An answer with compressed names is read, with the shortest life of its records")
    func answer() {
        let message = DNSSample.answer(
            to: Self.question, id: 7, records: [(1, 300, [127, 0, 0, 2]), (1, 60, [127, 0, 0, 4])])
        let answer = DNSMessage.answer(message, to: Self.question, id: 7)
        #expect(answer == DNSAnswer(addresses: [[127, 0, 0, 2], [127, 0, 0, 4]], secondsToLive: 60))
    }

    @Test("A name that does not exist is an empty answer; a server that fails is none")
    func codes() {
        for (code, isAnswer) in [(0, true), (3, true), (1, false), (2, false), (5, false)] {
            let message = DNSSample.answer(to: Self.question, id: 7, code: UInt16(code), records: [])
            #expect((DNSMessage.answer(message, to: Self.question, id: 7) != nil) == isAnswer, "\(code)")
        }
    }

    @Test("Another id, another question, a truncated answer and a query are no answers")
    func foreign() {
        let good = DNSSample.answer(to: Self.question, id: 7, records: [(1, 60, [127, 0, 0, 2])])
        #expect(DNSMessage.answer(good, to: Self.question, id: 8) == nil)
        #expect(DNSMessage.answer(good, to: DNSQuestion(name: "other.test", type: .a), id: 7) == nil)
        #expect(DNSMessage.answer(good, to: DNSQuestion(name: Self.question.name, type: .ptr), id: 7) == nil)
        for flags in [UInt16(0x0100), 0x8200, 0x8800] {
            var bad = good
            bad.setInteger(flags, at: 2)
            #expect(DNSMessage.answer(bad, to: Self.question, id: 7) == nil)
        }
    }

    @Test("A name of a PTR record is a host name or nothing")
    func pointers() {
        let question = DNSQuestion(name: "1.2.0.192.in-addr.arpa", type: .ptr)
        let good: [UInt8] = [4] + Array("mail".utf8) + [4] + Array("TEST".utf8) + [0]
        let bad: [UInt8] = [4] + Array("a\r\nb".utf8) + [0]
        let message = DNSSample.answer(to: question, id: 7, records: [(12, 60, bad), (12, 60, good)])
        #expect(DNSMessage.answer(message, to: question, id: 7)?.names == ["mail.test"])
    }

    @Test(
        "However an answer is cut short, changed or sent in circles, reading it ends and nothing is read beyond its end"
    )
    func broken() {
        let good = DNSSample.answer(to: Self.question, id: 7, records: [(1, 60, [127, 0, 0, 2])])
        for count in 0..<good.readableBytes {
            #expect(
                DNSMessage.answer(good.getSlice(at: 0, length: count) ?? ByteBuffer(), to: Self.question, id: 7) == nil)
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bad = good
            bad.setInteger(UInt8.random(in: 0...255, using: &generator), at: Int.random(in: 12..<good.readableBytes))
            _ = DNSMessage.answer(bad, to: Self.question, id: 7)
        }
        // A name that points at itself.
        var circle = good
        circle.setInteger(UInt16(0xC00C), at: 12)
        #expect(DNSMessage.answer(circle, to: Self.question, id: 7) == nil)
    }

    @Test("Names that are too long, or have empty labels, are not asked for")
    func badNames() {
        for name in [
            "", ".", "a..b", "a.", String(repeating: "x", count: 64), String(repeating: "x.", count: 130) + "x",
        ] {
            #expect(DNSMessage.query(DNSQuestion(name: name, type: .a), id: 1) == nil, "\(name)")
        }
    }

    @Test("The first name server with an address is taken")
    func resolverFile() {
        let text = "# comment\nsearch example.com\nnameserver not-an-address\nnameserver\t192.0.2.53\nnameserver ::1\n"
        #expect(ResolverFile.firstServer(in: text)?.ipAddress == "192.0.2.53")
        #expect(ResolverFile.firstServer(in: "options edns0\n") == nil)
    }
}

/// Answers as a name server makes them: the owner of each record points at the question.
enum DNSSample {
    static func answer(
        to question: DNSQuestion, id: UInt16, code: UInt16 = 0, records: [(type: UInt16, life: UInt32, data: [UInt8])]
    ) -> ByteBuffer {
        guard var buffer = DNSMessage.query(question, id: id, usesEDNS: false) else { return ByteBuffer() }
        buffer.setInteger(UInt16(0x8180) | code, at: 2)
        buffer.setInteger(UInt16(records.count), at: 6)
        for record in records {
            buffer.writeMultipleIntegers(UInt16(0xC00C), record.type, UInt16(1), record.life, UInt16(record.data.count))
            buffer.writeBytes(record.data)
        }
        return buffer
    }
}
