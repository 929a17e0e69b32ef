import Foundation
import Spool
import Testing

@testable import Receiver

@Suite("The roster snapshot", .timeLimit(.minutes(10)))
struct KnownRecipientsTests {
    @Test("Without a file there is no roster, which is not an empty one")
    func none() throws {
        let spool = try TestSpool()
        let known = KnownRecipients(layout: spool.layout)
        try known.refresh()
        #expect(known.contains("a@example.com") == nil)
        #expect(known.count == nil)
        try spool.writeRoster([])
        try known.refresh()
        #expect(known.contains("a@example.com") == false)
        #expect(known.count == 0)
    }

    @Test("A renewed file is read, and a removed one leaves the last list")
    func renewed() throws {
        let spool = try TestSpool()
        let known = KnownRecipients(layout: spool.layout)
        try spool.writeRoster(["a@example.com"])
        try known.refresh()
        try spool.writeRoster(["b@example.com"])
        try known.refresh()
        #expect(known.contains("a@example.com") == false)
        #expect(known.contains("b@example.com") == true)
        try FileManager.default.removeItem(atPath: spool.layout.rosterSnapshot)
        try known.refresh()
        #expect(known.contains("b@example.com") == true)
    }

    @Test(
        "A broken file leaves the last good list and is complained of once",
        arguments: [
            "layover-roster 1 2\na@example.com\n", "layover-roster 2 1\na@example.com\n", "", "\n\n", "hello\n",
            "layover-roster 1 -1\n", "layover-roster 1 99999999999999999999\n",
        ])
    func broken(text: String) throws {
        let spool = try TestSpool()
        let known = KnownRecipients(layout: spool.layout)
        try spool.writeRoster(["good@example.com"])
        try known.refresh()
        try text.write(toFile: spool.layout.rosterSnapshot, atomically: true, encoding: .utf8)
        #expect(throws: SpoolError.self) { try known.refresh() }
        try known.refresh()
        #expect(known.contains("good@example.com") == true)
        try spool.writeRoster(["mended@example.com"])
        try known.refresh()
        #expect(known.contains("mended@example.com") == true)
    }

    @Test("A file that cannot be read is complained of once, is tried again, and is read when it can be")
    func unreadable() throws {
        let spool = try TestSpool()
        let known = KnownRecipients(layout: spool.layout)
        let path = spool.layout.rosterSnapshot
        try spool.writeRoster(["good@example.com"])
        try known.refresh()
        try FileManager.default.moveItem(atPath: path, toPath: path + ".moved")
        // A link is not followed.
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".moved")
        try "layover-roster 1 1\nnew@example.com\n".write(toFile: path + ".moved", atomically: true, encoding: .utf8)
        #expect(throws: SpoolError.self) { try known.refresh() }
        for _ in 0..<3 { try known.refresh() }
        #expect(known.contains("good@example.com") == true)
        try FileManager.default.removeItem(atPath: path)
        // The same file at last: nothing about it has changed but where it is.
        try FileManager.default.linkItem(atPath: path + ".moved", toPath: path)
        try known.refresh()
        #expect(known.contains("new@example.com") == true)
        try FileManager.default.removeItem(atPath: path)
        try "layover-roster 1 1\nlast@example.com\n".write(toFile: path + ".moved", atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".moved")
        #expect(throws: SpoolError.self, "it is another failure") { try known.refresh() }
    }
}
