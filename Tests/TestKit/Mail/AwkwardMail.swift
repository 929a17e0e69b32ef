/// A message as a server must not meet it on a good day: each is one that was seen in the wild, or that somebody imported.
///
/// The bytes are what stands behind Layover's head lines.
public struct AwkwardMail: Sendable {
    public let name: String
    public let bytes: [UInt8]

    private init(_ name: String, _ latin1: String) {
        self.name = name
        // Every scalar is one octet: the literals below are written so.
        bytes = latin1.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    /// What Cyrus calls an invalid header.
    public static let invalidHeaders: Set<String> = [
        "a first line that is no header", "a blank before the colon", "a header without a name", "a header cut short",
    ]

    public static let all: [AwkwardMail] = wellFormed + bareLineEnds + octets + shapes + headers

    private static let wellFormed = [
        AwkwardMail("as it should be", "Subject: x\r\n\r\nbody\r\n"),
        AwkwardMail("dots", "Subject: x\r\n\r\n.\r\n..\r\n.a\r\n"),
        AwkwardMail("mbox separators", "Subject: x\r\n\r\nFrom a@b Mon Jan  1 00:00:00 2024\r\n>From c\r\n"),
        AwkwardMail("blanks at the ends of lines", "Subject: x  \r\n\r\nb   \r\n\t\r\n"),
        AwkwardMail("many empty lines", "Subject: x\r\n\r\n\r\n\r\n\r\n"),
    ]

    private static let bareLineEnds = [
        AwkwardMail("bare LF in the body", "Subject: x\r\n\r\na\nb\r\nc\n"),
        AwkwardMail("bare LF in the header", "Subject: x\nTo: y\r\n\r\nb\r\n"),
        AwkwardMail("bare LF before the body", "Subject: x\r\n\nb\u{E9}dy\r\n"),
        AwkwardMail("bare CR in the body", "Subject: x\r\n\r\na\rb\r\nc\r\n"),
        AwkwardMail("bare CR in the header", "Subject: x\ry\r\n\r\nb\r\n"),
        AwkwardMail("CR CR LF", "Subject: x\r\n\r\na\r\r\nb\r\r\r\nc\r\n"),
        AwkwardMail("CR at the end", "Subject: x\r\n\r\na\r\nb\r"),
        AwkwardMail("all line ends mixed", "A: 1\nB: 2\r\nC: 3\rx\r\n\r\n\r\r\n\n\n\r\n\r\rq\n\r\n"),
    ]

    private static let octets = [
        AwkwardMail("8-bit header", "Subject: gr\u{FC}\u{DF}e \u{C3}\u{A9}\r\n b\u{E9} folded\r\n\r\nbody\r\n"),
        AwkwardMail("8-bit body", "Subject: x\r\n\r\nb\u{C3}\u{A9}dy \u{FF}\u{FE}\r\n"),
        AwkwardMail(
            "8-bit header of a part",
            "Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain; name=\"\u{E9}\"\r\n\r\n\u{E9}\r\n--q--\r\n"
        ),
        AwkwardMail("NUL in the body", "Subject: x\r\n\r\na\0b\0\r\n"),
        AwkwardMail("NUL in the header", "Subject: x\0y\r\n\r\nb\r\n"),
        AwkwardMail("control characters", "Subject: x\r\n\r\na\u{1A}b\u{7F}\u{8}\u{1B}[2J\r\n"),
        AwkwardMail(
            "binary encoding",
            "Content-Transfer-Encoding: binary\r\nContent-Type: application/octet-stream\r\n\r\n\u{FF}\u{1}\u{2}\r\n"),
    ]

    private static let shapes = [
        AwkwardMail("no end of the last line", "Subject: x\r\n\r\nbody"),
        AwkwardMail("no headers at all", "\r\nbody only\r\n"),
        AwkwardMail("no empty line", "Subject: x\r\n"),
        AwkwardMail("empty body", "Subject: x\r\n\r\n"),
        AwkwardMail("nothing", "\r\n"),
        AwkwardMail("a line of 20,000 octets", "Subject: x\r\n\r\n" + String(repeating: "y", count: 20_000) + "\r\n"),
        AwkwardMail(
            "a header line of 20,000 octets", "Subject: " + String(repeating: "y", count: 20_000) + "\r\n\r\nb\r\n"),
        AwkwardMail(
            "a header of 100,000 octets",
            (0..<110).map { "X-\($0): " + String(repeating: "v", count: 930) + "\r\n" }.joined() + "\r\nb\r\n"),
    ]

    private static let headers = [
        AwkwardMail("an mbox separator first", "From a@b Mon Jan  1 00:00:00 2024\r\nSubject: x\r\n\r\nb\r\n"),
        AwkwardMail("an id that is not ours", "X-Layover-Id: 01jd5y0c8q3v6h2k9m4n7p1r5s\r\nSubject: x\r\n\r\nb\r\n"),
        AwkwardMail("a folded first line", " folded\r\nSubject: x\r\n\r\nb\r\n"),
        AwkwardMail("a first line that is no header", "this is not a header line\r\nbody\r\n"),
        AwkwardMail("a blank before the colon", "Subject : x\r\n\r\nb\r\n"),
        AwkwardMail("a header without a name", ": x\r\n\r\nb\r\n"),
        AwkwardMail("a header cut short", "Subject: x"),
    ]
}
