import TestKit
import Testing

@testable import Receiver

@Suite("The header as it streams by")
struct HeaderFilterTests {
    private static let own =
        "Received: from a ([192.0.2.1])\r\n\tby mx1.example.com with ESMTP id 01jd5y0c8q3v6h2k9m4n7p1r5s"

    private struct Outcome: Equatable {
        var text = ""
        var hops = 0
        var wasHere = false
        var removed = 0
        var isJunk = false
    }

    private func outcome(_ text: String, pieces: (Int) -> Int = { _ in .max }) -> Outcome {
        var filter = HeaderFilter(hostname: Array("mx1.example.com".utf8), verdicts: Self.verdicts)
        var output: [UInt8] = []
        var rest = Array(text.utf8)[...]
        var number = 0
        while !rest.isEmpty {
            let piece = Array(rest.prefix(max(1, pieces(number))))
            piece.withUnsafeBytes { bytes in filter.read(bytes) { output.append(contentsOf: $0) } }
            rest = rest.dropFirst(piece.count)
            number += 1
        }
        filter.finish { output.append(contentsOf: $0) }
        return Outcome(
            text: String(decoding: output, as: UTF8.self), hops: filter.hops, wasHere: filter.wasHere,
            removed: filter.removed, isJunk: filter.isJunk)
    }

    private static let verdicts = ["X-Spam-Flag: YES", "X-Spam: yes", "X-Spam-Level: *****"].compactMap(JunkField.init)

    @Test(
        "A field that calls the message junk is known in any case, folded and split anywhere, and left as it is",
        arguments: [
            ("X-Spam-Flag: YES\r\n", true), ("x-spam-flag:yes\r\n\r\n", true), ("X-SPAM : Yes, score=9\r\n", true),
            ("A: b\r\nX-Spam-Flag:\r\n\tYES\r\n", true), ("X-Spam-Level: *******\r\n", true), ("X-Spam: Yes", true),
            ("X-Spam-Level: ****\r\n", false), ("X-Spam-Flag: YESTERDAY\r\n", false), ("X-Spam-Flag: NO\r\n", false),
            ("X-Spam-Flags: YES\r\n", false), ("X-Spam-Status: Yes\r\n", false), ("\r\nX-Spam-Flag: YES\r\n", false),
            ("X-Spam-Flag\r\n", false), ("X: X-Spam-Flag: YES\r\n", false), ("X-Spam-Flag:", false), ("", false),
        ])
    func junk(text: String, expected: Bool) {
        #expect(outcome(text) == Outcome(text: text, isJunk: expected))
        for length in 1...7 { #expect(outcome(text, pieces: { _ in length }) == outcome(text), "pieces of \(length)") }
    }

    @Test(
        "What is no field with a value, or a field of the receiver's own, cannot be a verdict",
        arguments: [
            "", "X-Spam-Flag", "X-Spam-Flag:", ": YES", "X Spam: YES", "Received: x", "authentication-results: x",
        ])
    func noVerdict(text: String) { #expect(JunkField(text) == nil) }

    @Test(
        "Only trace lines of the header count",
        arguments: [
            ("", 0), ("Received: a\r\n\tb\r\nRECEIVED: c\r\nreceived:d\r\n\r\nReceived: body\r\n", 3),
            ("\r\nReceived: body\r\n", 0), ("X-Received: a\r\n Received: folded\r\nReceived\r\n", 0), ("Received:", 1),
            ("Received", 0), ("Received : old form\r\n", 1), ("Received: no end of header", 1),
        ])
    func count(text: String, expected: Int) { #expect(outcome(text).hops == expected) }

    @Test("Our own trace line is known by our name and an id of ours")
    func wasHere() {
        #expect(outcome(Self.own + "; Sat, 21 Nov 2026\r\n\r\n").wasHere)
        #expect(outcome("A: b\r\n" + Self.own + "\r\n\t(TLSv1.3)\r\n\tfor <a@b>; x\r\nC: d\r\n").wasHere)
        #expect(outcome(Self.own).wasHere)
        for other in [
            "X" + Self.own, Self.own.replacing("mx1.", with: "mx2."), Self.own.replacing("01jd5y", with: "4F2A1C"),
            Self.own.replacing("mx1.example.com", with: "mx1.example.com.evil"), Self.own + "6", "\r\n" + Self.own,
            "Received: from mx1.example.com by b id 01jd5y0c8q3v6h2k9m4n7p1r5s",
        ] {
            #expect(!outcome(other + "\r\n").wasHere, "\(other)")
        }
    }

    static let forged = [
        "Authentication-Results: mx1.example.com; spf=pass\r\n",
        "authentication-RESULTS:MX1.EXAMPLE.COM;\r\n dkim=pass\r\n\tx\r\n",
        "Authentication-Results:\r\n mx1.example.com 1; none\r\n",
        "Authentication-Results: (a (b\\)) c) \"mx1.example\\.com\"; x\r\n",
        "Authentication-Results: mx1.example.com\r\n", "Authentication-Results \t: mx1.example.com.; x\r\n",
        "Authentication-Results: (never closed mx1.example.com; x\r\n", "Authentication-Results: \"mx1\r\n",
        "Authentication-Results: mx1.example.com(c); x\r\n",
        "Authentication-Results" + String(repeating: " \t", count: 100) + ": mx1.example.com; x\r\n",
    ]

    static let honest = [
        "Authentication-Results: mx.sender.example; spf=pass\r\n", "Authentication-Results:\r\n",
        "X-Authentication-Results: mx1.example.com; x\r\n", "Authentication-Results-2: mx1.example.com\r\n",
        "Subject: a\r\n Authentication-Results: mx1.example.com; folded\r\n",
        "ARC-Authentication-Results: i=1; mx1.example.com\r\n",
        "Authentication-Results: mx1.example.com.evil; x\r\n", "Authentication-Results: xmx1.example.com; x\r\n",
        "Authentication-Result", "A", "Authentication-Results", "R: \r\n", "\r",
        "Authentication-Results: (mx1.example.com) mx2; x\r\n",
        "Authentication-Results" + String(repeating: " ", count: 100) + "mx1.example.com\r\n",
    ]

    @Test("A field in our name goes, whatever its form, and nothing else", arguments: forged)
    func removed(field: String) {
        for (before, after) in [("", ""), ("A: b\r\n", "C: d\r\n\r\nbody\r\n"), ("A: b\r\n \tc\r\n", "\r\n" + field)] {
            let result = outcome(before + field + after)
            #expect(result.text == before + after)
            #expect(result.removed == 1)
        }
        #expect(outcome("A: b\r\n" + field + field + "\r\n") == Outcome(text: "A: b\r\n\r\n", removed: 2))
        #expect(outcome("\r\n" + field) == Outcome(text: "\r\n" + field))
    }

    @Test("Fields of others stay to the octet", arguments: honest)
    func kept(field: String) {
        for text in [field, "A: b\r\n" + field, "A: b\r\n" + field + "\r\nbody\r\n"] {
            #expect(outcome(text).text == text)
        }
    }

    @Test("A field that hides its server behind too much is removed, one that is only long is kept")
    func long() {
        let comment = "(" + String(repeating: "x", count: HeaderFilter.heldOctets) + ")"
        let hidden = "Authentication-Results: \(comment)\r\n mx1.example.com; x\r\n"
        #expect(outcome("A: b\r\n" + hidden + "C: d\r\n", pieces: { _ in 1000 }).text == "A: b\r\nC: d\r\n")
        let honest =
            "Authentication-Results: mx2; \(comment)\r\n mx1.example.com; x\r\nReceived: \(comment)\r\n\tx\r\n\r\nb"
        #expect(outcome(honest, pieces: { _ in 1000 }) == Outcome(text: honest, hops: 1))
    }

    @Test("How the octets are cut into pieces makes no difference", arguments: UInt64(1)...30)
    func pieces(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let parts =
            Self.forged + Self.honest + [
                Self.own + "; x\r\n", "Received: x\r\n\ty\r\n", "A: b\r\n", " c\r\n", "\r\n", "Rec\r\n",
            ]
        let text = (0..<Int(seed)).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
        let whole = outcome(text)
        #expect(outcome(text, pieces: { _ in 1 }) == whole, "\(text)")
        for _ in 0..<20 {
            let sizes = (0..<200).map { _ in Int.random(in: 1...30, using: &random) }
            #expect(outcome(text, pieces: { $0 < 200 ? sizes[$0] : 7 }) == whole, "\(text)")
        }
    }
}
