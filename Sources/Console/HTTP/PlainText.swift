import HTTPTypes
import Hummingbird

/// Short answers in plain text.
enum PlainText {
    /// One line or several; the last one is ended.
    static func response(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: VisibleText.lines(text) + "\n")))
    }
}
