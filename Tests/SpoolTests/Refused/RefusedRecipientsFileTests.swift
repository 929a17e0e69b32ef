import Foundation
import MailModel
import Testing

@testable import Spool

@Suite("The file of refused recipients")
struct RefusedRecipientsFileTests {
    private static let entry = RefusedRecipient(
        deferred: 3, rejected: 4, first: Timestamp(milliseconds: 1_800_000_000_000),
        last: Timestamp(milliseconds: 1_800_000_001_000), senders: DistinctNames(["a@b.test", ""]),
        clients: DistinctNames(["192.0.2.1"]), lastSender: "a@b.test")

    @Test("What is written is read, whatever stands in the addresses")
    func roundTrip() throws {
        var odd = Self.entry
        odd.lastSender = "\"two words\"@sender.test"
        var bounce = Self.entry
        (bounce.lastSender, bounce.senders, bounce.clients) = ("", DistinctNames(), DistinctNames())
        let file = RefusedRecipientsFile(
            recipients: [
                "sales@example.com": Self.entry, "\"two 3 words\"@example.com": odd, "jürgen@example.com": bounce,
            ], unlisted: 12)
        let layout = SpoolLayout(directory: NSTemporaryDirectory() + "Refused-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: layout.directory) }
        try layout.create(POSIXFileSystem())
        #expect(try RefusedRecipientsFile.read(layout: layout) == nil)
        try file.write(layout: layout)
        // A shorter one leaves nothing of the longer.
        for content in [file, RefusedRecipientsFile(recipients: ["x@example.com": Self.entry], unlisted: 13)] {
            try content.write(layout: layout)
            let read = try #require(try RefusedRecipientsFile.read(layout: layout))
            #expect(read.recipients == content.recipients && read.unlisted == content.unlisted)
        }
    }

    @Test("A file that is cut short or of another version is no list", arguments: [0, 1, 10, 27, 60])
    func damaged(length: Int) {
        let bytes = RefusedRecipientsFile(recipients: ["x@example.com": Self.entry], unlisted: 0).bytes
        #expect(RefusedRecipientsFile(bytes: bytes) != nil)
        #expect(RefusedRecipientsFile(bytes: Array(bytes.prefix(length))) == nil)
        #expect(RefusedRecipientsFile(bytes: Array("layover-refused 2 0 0\n".utf8)) == nil)
    }

    @Test("Names are told apart up to a limit, and counted together with those of another list")
    func distinct() {
        var names = DistinctNames()
        for index in 0..<100 { names.insert("\(index % 20)@sender.test") }
        #expect(names.count == DistinctNames.limit)
        #expect(names.union(DistinctNames(["0@sender.test", "other@sender.test"])).count == DistinctNames.limit + 1)
    }

    @Test("Mail from several places is more evidence than many attempts from one")
    func evidence() {
        let now = Timestamp(milliseconds: 0)
        let sweep = RefusedRecipient(rejected: 1, first: now, last: now, clients: DistinctNames(["a"]))
        let stubborn = RefusedRecipient(rejected: 50, first: now, last: now, clients: DistinctNames(["a"]))
        let missed = RefusedRecipient(rejected: 2, first: now, last: now, clients: DistinctNames(["a", "b"]))
        #expect(sweep.hasLessEvidence(than: stubborn) && stubborn.hasLessEvidence(than: missed))
        #expect(!missed.hasLessEvidence(than: sweep))
    }
}
