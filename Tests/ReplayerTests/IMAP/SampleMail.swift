import MailModel
import NIOCore
import Replayer

/// Messages as Layover stores them: head lines of ours, then what came.
struct SampleMail {
    let id: MessageID
    let bytes: [UInt8]
    let message: AppendMessage

    /// `body` is repeated; `parts` is how many buffers it is cut into.
    init(_ number: Int, body: String = "Hello\r\n", repeated: Int = 1, parts: Int = 1) {
        id = MessageID(milliseconds: 1_795_255_200_000 + UInt64(number), random: 7, UInt64(number))
        let head = "Return-Path: <a@sender.test>\r\nDelivered-To: u@example.test\r\nX-Layover-Id: \(id)\r\n"
        let text =
            "Subject: m\(number)\r\nX-Layover-Id: 00000000000000000000000000\r\n\r\n"
            + String(repeating: body, count: repeated)
        let stored = Array(text.utf8)
        let length = max(1, (stored.count + parts - 1) / parts)
        let body = stride(from: 0, to: stored.count, by: length).map {
            ByteBuffer(bytes: stored[$0..<min($0 + length, stored.count)])
        }
        bytes = Array(head.utf8) + stored
        message = AppendMessage(
            head: ByteBuffer(string: head), body: body, date: Timestamp(seconds: 1_795_255_200 + Int64(number)))
    }
}
