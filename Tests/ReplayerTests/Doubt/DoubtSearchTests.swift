import IMAPProtocol
import MailModel
import Spool
import Testing

@testable import Replayer

/// Whether a message that was not found may have been there: gaps between UIDs tell, where it can have been.
struct DoubtSearchTests {
    private static let entries = (0..<4).map { number in
        AppendIntent.Entry(
            id: MessageID(milliseconds: 1, random: 1, UInt64(number)), recipient: "u@example.test", merged: [],
            head: [], length: 1,
            digest: .zero)
    }

    /// - Parameters:
    ///   - found: numbers of entries by the UIDs at which they are.
    ///   - others: UIDs of other mail.
    private static func holes(_ found: [UInt32: Int], others: [UInt32] = [], range: ClosedRange<UInt32>) throws -> Bool
    {
        var traces: [UID: MailboxTrace] = [:]
        for (uid, number) in found { traces[try #require(UID(uid))] = MailboxTrace(size: 9, id: entries[number].id) }
        for uid in others { traces[try #require(UID(uid))] = MailboxTrace(size: 9, id: nil) }
        let search = DoubtSearch(
            traces, range: try #require(UID(range.lowerBound))...(#require(UID(range.upperBound))), entries: entries)
        let copies = found.sorted { $0.value < $1.value }.map { DeliveredCopy(id: entries[$0.value].id, uid: $0.key) }
        return search.hasHoles(behind: copies, of: entries)
    }

    @Test("Gaps below the last message of a beginning that was found hold none that came later")
    func gapsOfZimbra() throws {
        #expect(try !Self.holes([257: 0, 259: 1], range: 257...259))
        #expect(try !Self.holes([258: 0, 262: 1, 263: 2], range: 257...263))
        #expect(try !Self.holes([257: 0, 259: 1], others: [260], range: 257...260))
    }

    @Test("A gap where a missing message can have been leaves it open")
    func openGaps() throws {
        #expect(try Self.holes([257: 0, 259: 1], range: 257...261), "above the last that was found")
        #expect(try Self.holes([:], range: 257...257), "none was found")
        #expect(try Self.holes([258: 1], range: 257...258), "the first is missing, and below is a gap")
        #expect(try Self.holes([259: 0, 257: 1], range: 257...259), "not in the order in which they were sent")
    }

    @Test("Where every UID is told of there is no gap")
    func whole() throws {
        #expect(try !Self.holes([257: 1], range: 257...257))
        #expect(try !Self.holes([:], others: [257, 258], range: 257...258))
    }

    @Test(
        "A message of which only the size is told may be any: it is a gap, and a folder with it is not wholly looked through"
    )
    func untold() throws {
        let uid = try #require(UID(257))
        let cutShort = MailboxTrace(size: 9, id: nil, hasHeader: false)
        let search = DoubtSearch([uid: cutShort], range: uid...uid, entries: Self.entries)
        #expect(search.hasHoles(behind: [], of: Self.entries))
        var look = WholeFolderLook(messages: 1)
        _ = look.new([uid: cutShort])
        #expect(look.isIncomplete)
        _ = look.new([uid: MailboxTrace(size: 9, id: nil)])
        #expect(!look.isIncomplete)
    }
}
