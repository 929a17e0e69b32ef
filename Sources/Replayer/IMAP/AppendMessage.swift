import IMAPProtocol
public import MailModel
public import NIOCore

/// One message to append: head lines, then the stored bytes, which are sent without being copied.
public struct AppendMessage: Sendable {
    public let head: ByteBuffer
    public let body: [ByteBuffer]
    /// INTERNALDATE: when the message was received.
    public let date: Timestamp
    /// Octets of head and body.
    public let size: Int

    public init(head: ByteBuffer, body: [ByteBuffer], date: Timestamp) {
        self.head = head
        self.body = body
        self.date = date
        size = body.reduce(head.readableBytes) { $0 + $1.readableBytes }
    }

    var item: AppendItem { AppendItem(size: size, date: date) }

    /// Gives the parts that make up the octets in `range`, in order.
    func forEachSlice(of range: Range<Int>, _ use: (ByteBuffer) -> Void) {
        var start = 0
        for part in [head] + body {
            let end = start + part.readableBytes
            let low = max(range.lowerBound, start)
            let high = min(range.upperBound, end)
            if low < high, let slice = part.getSlice(at: part.readerIndex + low - start, length: high - low) {
                use(slice)
            }
            start = end
        }
    }
}
