import MailModel
import TestKit
import Testing

@testable import Spool

#if canImport(Glibc)
import Glibc
#endif

@Suite("Things in the spool that are no files of it")
struct AlienFileTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
        try layout.create(POSIXFileSystem())
    }

    /// What may stand under a name.
    enum Alien: CaseIterable {
        case link, brokenLink, pipe, directory

        func make(_ path: String) {
            switch self {
            case .link: symlink("/etc/passwd", path)
            case .brokenLink: symlink("/nowhere/at/all", path)
            case .pipe: mkfifo(path, 0o600)
            case .directory: mkdir(path, 0o700)
            }
        }
    }

    private var id: MessageID { MessageID(high: 1, low: 1) }

    @Test(
        "Links, pipes and directories under the spool's own names are neither followed nor in the way, and are counted",
        arguments: Alien.allCases)
    func ownNames(alien: Alien) async throws {
        let paths = [
            layout.segment(1), layout.segment(9), layout.journalFile(1), layout.journalFile(9), layout.largeFile(id),
            layout.largeFile(id) + ".part",
        ]
        for path in paths { alien.make(path) }
        for round in 1...2 {
            let writer = try SegmentWriter(layout: layout)
            #expect(writer.recovery.damage.isEmpty)
            #expect(await writer.send([TestMessage(round, text: "\(round)")])[0] == nil)
            writer.close()
            let journal = try Journal(layout: layout, by: "test")
            try await journal.append([.waveClosed(name: "\(round)", why: "")])
            #expect(try journal.everything().entries.count == round)
        }
        #expect(try SpoolReader(layout: layout).everything().messages.count == 2)
        let findings = try SpoolExamination(layout: layout).run()
        #expect(findings.aliens == paths.sorted())
        #expect(findings.damage.isEmpty)
        #expect(findings.messages == 2 && findings.acts == 2)
        #expect(throws: SpoolError.self) { try LargeFile(id: id, layout: layout, fileSystem: POSIXFileSystem()) }
    }

    @Test("Other names are counted and left alone; empty files of our names are nothing")
    func otherNames() async throws {
        let aliens = [
            "segments/00000001.seg~", "segments/1.seg", "segments/.hidden", "large/README", "large/x.part",
            "journal/00000001.jnl.bak",
        ].map { "\(layout.directory)/\($0)" }
        for path in aliens + [layout.segment(3), layout.journalFile(3)] { close(open(path, O_CREAT | O_RDWR, 0o600)) }
        let writer = try SegmentWriter(layout: layout)
        #expect(await writer.send([TestMessage(1, text: "one")])[0] == nil)
        writer.close()
        try await Journal(layout: layout, by: "test").append([.waveClosed(name: "1", why: "")])
        let findings = try SpoolExamination(layout: layout).run()
        #expect(findings.aliens == aliens.sorted())
        #expect(findings.damage.isEmpty)
        #expect(findings.messages == 1 && findings.acts == 1)
        for path in aliens { #expect(access(path, F_OK) == 0, "\(path) was removed") }
    }

    @Test("A link in the place of a large file is not followed when the message is read")
    func linkedLargeFile() async throws {
        let message = TestMessage(1, bytes: [UInt8](repeating: 0x61, count: 3_000), isLarge: true)
        let writer = try SegmentWriter(layout: layout)
        try message.writeLargeFile(layout, POSIXFileSystem())
        #expect(await writer.send([message])[0] == nil)
        writer.close()
        let path = layout.largeFile(message.id)
        rename(path, scratch.path + "/elsewhere")
        symlink(scratch.path + "/elsewhere", path)
        let found = try SpoolReader(layout: layout).messages(
            from: .start, end: SpoolPosition(segment: 9, offset: 0), limit: 9)
        let location = try #require(found.messages.first?.location)
        let error = #expect(throws: SpoolError.self) { try SpoolReader(layout: layout).bytes(of: location) }
        #expect(error?.message.contains("symbolic link") == true)
        let findings = try SpoolExamination(layout: layout).run()
        #expect(findings.aliens == [path])
        #expect(findings.damage.map(\.file) == [path])
    }
}
