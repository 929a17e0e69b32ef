import IMAPProtocol
import NIOCore
import Testing

@testable import Replayer

struct AppendUploadTests {
    @Test("What was not given to the socket yet is known: a connection with half a literal takes no further command")
    func drained() {
        let mail = SampleMail(1)
        let upload = AppendUpload(messages: [mail.message])
        #expect(upload.isEmpty)
        _ = upload.add([
            .text(ByteBuffer(string: "L1 APPEND INBOX {9+}\r\n")), .message(index: 0, 0..<mail.bytes.count - 1),
        ])
        #expect(!upload.isEmpty)
        #expect(upload.next { _ in } && !upload.isEmpty)
        #expect(upload.next { _ in } && upload.isEmpty)
        #expect(!upload.next { _ in })
    }
}
