import Foundation
import TestKit
import Testing

@testable import Spool

@Suite("Where a spool was made")
struct SpoolPlaceTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout
    private let act = JournalAct.waveClosed(name: "1", why: "")

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
    }

    private func findings(_ layout: SpoolLayout) throws -> [String] { try SpoolPlace(layout: layout).findings() }

    private func begin() throws {
        let journal = try Journal(layout: layout, by: "test")
        #expect(try findings(layout).isEmpty)
        try journal.appendBlocking([act])
        journal.close()
    }

    @Test("A spool that is used where it was made is no copy, also after it was renamed")
    func inPlace() throws {
        try begin()
        try begin()
        let renamed = SpoolLayout(directory: scratch.path + "/renamed")
        try FileManager.default.moveItem(atPath: layout.directory, toPath: renamed.directory)
        #expect(try findings(renamed).isEmpty)
    }

    @Test("A copy is told by its file's birth, and by the lack of the file", arguments: [true, false])
    func copied(withFile: Bool) throws {
        try begin()
        let copy = SpoolLayout(directory: scratch.path + "/copy")
        try FileManager.default.copyItem(atPath: layout.directory, toPath: copy.directory)
        if !withFile { try FileManager.default.removeItem(atPath: copy.placed) }
        #expect(try findings(copy).count == 1)
        #expect(try findings(layout).isEmpty)
        try SpoolPlace(layout: copy).renew()
        #expect(try findings(copy).isEmpty)
    }

    @Test(
        "A file that was overwritten, emptied or is garbage tells a copy", arguments: ["", "garbage", "inode 1 born 2"])
    func garbage(text: String) throws {
        try begin()
        try Data(text.utf8).write(to: URL(filePath: layout.placed))
        #expect(try findings(layout).count == 1)
    }

    @Test("A person's marker is believed until it was taken notice of, whatever a crash has left beside it")
    func marker() throws {
        try begin()
        try Data().write(to: URL(filePath: layout.restoreMarker))
        try Data("half".utf8).write(to: URL(filePath: layout.placed + ".new"))
        #expect(try findings(layout).count == 1)
        try SpoolPlace(layout: layout).renew()
        #expect(try findings(layout).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: layout.restoreMarker))
    }

    @Test("An act is known again by its place and chain, and no other is taken for it")
    func marks() throws {
        let journal = try Journal(layout: layout, by: "test")
        for _ in 0..<3 { try journal.appendBlocking([act]) }
        let page = try journal.entries(from: .start, end: journal.end(), limit: 2)
        let mark = try #require(page.last)
        #expect(try journal.holds(mark))
        #expect(try !journal.holds(JournalMark(position: mark.position, chain: mark.chain ^ 1)))
        for (file, offset) in [(1, 1), (1, 1 << 40), (2, mark.position.offset)] {
            let elsewhere = JournalPosition(file: file, offset: offset)
            #expect(try !journal.holds(JournalMark(position: elsewhere, chain: mark.chain)))
        }
        journal.close()
    }
}
