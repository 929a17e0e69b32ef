import Testing

@testable import Layover

@Suite struct NearestNameTests {
    private let names = ["listen", "domains", "max_message_size", "max_sessions", "tls"]

    @Test(
        "A mistyped word is recognised",
        arguments: [("domain", "domains"), ("max_mesage_sise", "max_message_size"), ("TLS", "tls")])
    func recognised(_ typed: String, _ meant: String) {
        #expect(NearestName.nearest(to: typed, among: names) == meant)
    }

    @Test("A word that is like none is not guessed at", arguments: ["", "greylisting", "port", "x"])
    func notGuessed(_ typed: String) {
        #expect(NearestName.nearest(to: typed, among: names) == nil)
        #expect(NearestName.nearest(to: typed, among: []) == nil)
    }

    @Test("The distance counts insertions, deletions and changes")
    func distance() {
        #expect(NearestName.distance("kitten", "sitting") == 3)
        #expect(NearestName.distance("", "abc") == 3 && NearestName.distance("abc", "") == 3)
    }
}
