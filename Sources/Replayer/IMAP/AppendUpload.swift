import IMAPProtocol
import NIOCore

/// The pieces of an APPEND that wait for the socket, turned into writes without copying what is large.
///
/// A class, as a write can call its owner again before it returns.
final class AppendUpload {
    /// Smaller parts are copied together, so that one system call and one TLS record carry more than a few bytes.
    static let copiedOctets = 1024

    private let messages: [AppendMessage]
    private var pieces = CircularBuffer<AppendPiece>()
    /// Small parts that go with what follows.
    private var gathered = ByteBuffer()

    init(messages: [AppendMessage]) { self.messages = messages }

    /// Everything was given to the socket.
    var isEmpty: Bool { pieces.isEmpty && gathered.readableBytes == 0 }

    /// Takes pieces in and says how many octets they are.
    func add(_ added: [AppendPiece]) -> Int {
        var octets = 0
        for piece in added {
            switch piece {
            case .text(let text): octets += text.readableBytes
            case .message(_, let range): octets += range.count
            case .token: octets += 3
            }
            pieces.append(piece)
        }
        return octets
    }

    /// Gives the next piece to `write`; false when there is none.
    func next(_ write: (ByteBuffer) -> Void) -> Bool {
        guard let piece = pieces.popFirst() else { return false }
        switch piece {
        case .text(let text): put(text, write)
        case .message(let index, let range):
            guard messages.indices.contains(index) else { break }
            let message = messages[index]
            message.forEachSlice(of: range) { put($0, write) }
        case .token: put(token, write)
        }
        if pieces.isEmpty { writeGathered(write) }
        return true
    }

    /// The last octet of the last message, and the end of the command.
    private var token: ByteBuffer {
        var bytes = ByteBuffer()
        if let last = messages.last {
            last.forEachSlice(of: (last.size - 1)..<last.size) { bytes.writeImmutableBuffer($0) }
        }
        bytes.writeString("\r\n")
        return bytes
    }

    private func put(_ bytes: ByteBuffer, _ write: (ByteBuffer) -> Void) {
        guard bytes.readableBytes > Self.copiedOctets else {
            gathered.writeImmutableBuffer(bytes)
            if gathered.readableBytes > 16 << 10 { writeGathered(write) }
            return
        }
        writeGathered(write)
        write(bytes)
    }

    private func writeGathered(_ write: (ByteBuffer) -> Void) {
        guard gathered.readableBytes > 0 else { return }
        write(gathered)
        gathered = ByteBuffer()
    }
}
