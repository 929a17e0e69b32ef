import Testing

@testable import Receiver

@Suite("The size of a header")
struct HeaderMeterTests {
    private static let message = "Subject: a\r\nX: b\r\n\r\nbody\r\n\r\nmore\r\n"

    @Test("However the message is cut into pieces, the header is what stands up to the first empty line")
    func pieces() {
        let bytes = Array(Self.message.utf8)
        for size in 1...bytes.count {
            var meter = HeaderMeter()
            for start in stride(from: 0, to: bytes.count, by: size) {
                bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { meter.add($0) }
            }
            #expect(meter.isComplete)
            #expect(meter.octets == 20, "pieces of \(size)")
        }
    }

    @Test("A line that can be in no header ends it, however it is cut; a continuation does not")
    func body() {
        for size in 1...8 {
            var meter = HeaderMeter()
            let bytes = Array("Subject: a\r\n b\r\n\tc\r\nbody here\r\nX: y\r\n".utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { meter.add($0) }
            }
            #expect(meter.isComplete && meter.octets == 20, "pieces of \(size)")
        }
    }

    @Test("A message without an empty line is all header; an empty line at once is an empty one")
    func edges() {
        var endless = HeaderMeter()
        Array("a:\r\nb:\r\nc".utf8).withUnsafeBytes { endless.add($0) }
        #expect(!endless.isComplete && endless.octets == 9)
        var empty = HeaderMeter()
        Array("\r\nbody".utf8).withUnsafeBytes { empty.add($0) }
        #expect(empty.isComplete && empty.octets == 2)
    }
}
