import NIOCore
import Testing

@testable import Receiver

@Suite("The buffer that sockets are read into")
struct ReadBufferTests {
    private func address(_ buffer: ByteBuffer) -> UnsafeRawPointer? {
        buffer.withVeryUnsafeBytes { $0.baseAddress }
    }

    @Test("What came back is empty and used for the next read")
    func reuse() {
        let reads = ReadBuffer()
        var first = reads.take()
        first.writeString("EHLO client.test\r\n")
        let place = address(first)
        reads.giveBack(first)
        first = ByteBuffer()
        let second = reads.take()
        #expect(second.readableBytes == 0)
        #expect(address(second) == place)
    }

    @Test("Two reads at once have two buffers")
    func two() {
        let reads = ReadBuffer()
        let (first, second) = (reads.take(), reads.take())
        #expect(address(first) != address(second))
    }

    @Test("A buffer that somebody still looks at is not written into")
    func shared() {
        let reads = ReadBuffer()
        var first = reads.take()
        first.writeString("mine")
        reads.giveBack(first)
        var second = reads.take()
        second.writeString("other")
        #expect(String(buffer: first) == "mine")
        #expect(String(buffer: second) == "other")
    }

    @Test("What must wait is kept in a buffer of its size; the large one is free again")
    func waiting() {
        let reads = ReadBuffer()
        var first = reads.take()
        first.writeString("RSET\r\nNOO")
        first.moveReaderIndex(forwardBy: 6)
        let place = address(first)
        let kept = reads.keeping(first)
        first = ByteBuffer()
        #expect(String(buffer: kept) == "NOO")
        #expect(kept.storageCapacity < 64)
        #expect(address(reads.take()) == place)
    }

    @Test("Much that must wait stays where it is")
    func muchWaiting() {
        let reads = ReadBuffer()
        var first = reads.take()
        first.writeRepeatingByte(0x61, count: ReadBuffer.octets)
        let kept = reads.keeping(first)
        #expect(kept.readableBytes == ReadBuffer.octets)
        first.clear()
        #expect(address(reads.take()) != address(kept))
    }
}
