import Testing

@testable import IMAPProtocol

struct IMAPResponseAssemblerTests {
    @Test("A whole body streams by, a header field is kept", arguments: [1, 3, 1000])
    func streaming(split: Int) throws {
        let wire = """
            * 1 FETCH (UID 4 RFC822.SIZE 5 BODY[] {5}\r
            Hello BODY[HEADER.FIELDS (X-LAYOVER-ID)] {4}\r
            ab\r\n)\r\n
            """
        var reader = WireReader()
        var rest = Array(wire.utf8)[...]
        while !rest.isEmpty {
            try reader.feed(rest.prefix(split))
            rest = rest.dropFirst(split)
        }
        #expect(reader.streamed == [Array("Hello".utf8)])
        let fetch = FetchResponse(
            sequenceNumber: 1, uid: UID(4), size: 5,
            sections: [
                FetchedSection(name: "", content: .streamed(index: 0, size: 5)),
                FetchedSection(name: "HEADER.FIELDS (X-LAYOVER-ID)", content: .kept(Array("ab\r\n".utf8))),
            ])
        #expect(reader.responses == [.untagged(.fetch(fetch))])
    }

    @Test("A literal too large to keep is streamed")
    func largeLiteral() throws {
        var limits = IMAPLimits()
        limits.keptLiteralSize = 3
        var reader = WireReader(limits: limits)
        try reader.feed(Array("* 1 FETCH (BODY[TEXT] {4}\r\nabcd)\r\n".utf8))
        #expect(reader.streamed == [Array("abcd".utf8)])
    }
}
