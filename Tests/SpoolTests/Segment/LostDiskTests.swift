import Foundation
import MailModel
import TestKit
import Testing

@testable import Spool

#if canImport(Glibc)
import Glibc
#endif

@Suite("The real disk is taken away, forbidden, read-only or full")
struct LostDiskTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout

    init() throws {
        scratch = try ScratchDirectory()
        layout = SpoolLayout(directory: scratch.path + "/spool")
    }

    private func message(_ number: Int) -> TestMessage {
        TestMessage(number, bytes: [UInt8](repeating: 0x61, count: 3_000))
    }

    /// One message a segment, so that each needs a new file.
    private static let oneEach: SpoolLimits = {
        var limits = SpoolLimits()
        limits.segmentSize = ByteCount(1)
        return limits
    }()

    @Test(
        "Segments removed while they are written: no 250 over bytes that no name leads to, and the writer ends",
        arguments: [false, true])
    func segmentsRemoved(withDirectory: Bool) async throws {
        let writer = try SegmentWriter(layout: layout)
        #expect(await writer.send([message(1)])[0] == nil)
        if withDirectory {
            try FileManager.default.removeItem(atPath: layout.segments)
        } else {
            try FileManager.default.removeItem(atPath: layout.segment(1))
        }
        let error = try #require(await writer.send([message(2)])[0])
        #expect(error.message.contains(layout.segment(1)) && error.message.contains("restore"))
        #expect(writer.failed != nil)
        writer.close()
        let next = try SegmentWriter(layout: layout)
        #expect(await next.send([message(3)])[0] == nil)
        next.close()
    }

    @Test(
        "A segment cut or written over while it is in use: nothing more is written to it, and the writer ends and says why",
        arguments: [0, 60, 90_000])
    func segmentOverwritten(length: Int) async throws {
        let writer = try SegmentWriter(layout: layout)
        #expect(await writer.send([message(1)])[0] == nil)
        // As `cp` writes over a file that is there: the same file, from its beginning.
        let file = try POSIXFileSystem().open(layout.segment(1), .readWrite)
        try file.truncate(to: 0)
        try file.write([UInt8](repeating: 0x62, count: length), at: 0)
        let error = try #require(await writer.send([message(2)])[0])
        #expect(error.message.contains(layout.segment(1)) && error.message.contains("written over"))
        #expect(writer.failed != nil)
        writer.close()
        #expect(try file.read(1 << 20, at: 0) == [UInt8](repeating: 0x62, count: length))
    }

    @Test("A segment cut while a group is being synced: no 250, and what stands there now is left as it is")
    func segmentCutDuringSync() async throws {
        let cutting = FileCalls(sync: { descriptor in
            let result = fdatasync(descriptor)
            ftruncate(descriptor, 100)
            return result
        })
        let file = POSIXFile(
            descriptor: open(scratch.path + "/segment", O_RDWR | O_CREAT, 0o600), path: scratch.path + "/segment",
            calls: cutting)
        var segment = SegmentFile(
            number: 1, path: scratch.path + "/segment", file: file, nonce: FileHeader.freshNonce(), end: 0, synced: 0)
        let record = [UInt8](repeating: 0x61, count: 300)
        let failure = #expect(throws: SegmentFailure.self) {
            try record.withUnsafeBytes { try segment.append([$0], count: record.count) }
        }
        #expect(failure?.cause.code == .damaged && failure?.isTakenBack == false)
        #expect(try file.size() == 100)
    }

    @Test("A directory that is gone when a file is due there is named, with what to do")
    func directoriesRemoved() async throws {
        let writer = try SegmentWriter(layout: layout, limits: Self.oneEach)
        #expect(await writer.send([message(1)])[0] == nil)
        try FileManager.default.moveItem(atPath: layout.segments, toPath: scratch.path + "/elsewhere")
        try FileManager.default.removeItem(atPath: layout.large)
        let large = #expect(throws: SpoolError.self) {
            try LargeFile(id: MessageID(high: 1, low: 1), layout: layout, fileSystem: POSIXFileSystem())
        }
        #expect(large?.message.contains("large/") == true && large?.message.contains("put it back") == true)
        let error = try #require(await writer.send([message(2)])[0])
        #expect(error.message.contains("segments/0000000") && error.message.contains("put it back"))
        #expect(writer.failed != nil)
        writer.close()
    }

    @Test("A large file's directory removed under it: the message is not accepted")
    func largeRemoved() throws {
        try layout.create(POSIXFileSystem())
        let file = try LargeFile(id: MessageID(high: 1, low: 1), layout: layout, fileSystem: POSIXFileSystem())
        let body = MessageBody()
        body.append([1, 2, 3])
        try file.write(body, at: 0)
        try FileManager.default.removeItem(atPath: layout.large)
        #expect(throws: SpoolError.self) { try file.commit() }
        file.abandon()
    }

    @Test(
        "A journal removed while it is written: no act is reported as done, and no second journal begun",
        arguments: 0..<3)
    func journalRemoved(how: Int) async throws {
        let journal = try Journal(layout: layout, by: "test")
        try await journal.append([.waveClosed(name: "1", why: "")])
        switch how {
        case 0: try FileManager.default.removeItem(atPath: layout.journal)
        case 1: try FileManager.default.removeItem(atPath: layout.journalFile(1))
        default:
            try FileManager.default.removeItem(atPath: layout.journalFile(1))
            try await Journal(layout: layout, by: "other").append([.waveClosed(name: "other", why: "long".repeated(9))])
        }
        let error = await #expect(throws: SpoolError.self) {
            try await journal.append([.waveClosed(name: "2", why: ""), .waveClosed(name: "3", why: "")])
        }
        #expect(error?.message.contains(layout.journal) == true && error?.message.contains("restore") == true)
    }

    @Test("Permission lost: the writer ends, and the next start says what is forbidden and what to do")
    func permissionLost() async throws {
        if geteuid() == 0 {
            mkdir(layout.directory, 0o755)
            for path in [scratch.path, layout.directory] { chown(path, AsNobody.user, AsNobody.user) }
        }
        let writer = try SegmentWriter(layout: layout, fileSystem: AsNobody(), limits: Self.oneEach)
        #expect(await writer.send([message(1)])[0] == nil)
        chmod(layout.segments, 0)
        let error = try #require(await writer.send([message(2)])[0])
        #expect(error.message.contains("segments/00000002.seg") && error.message.contains("give the file back"))
        #expect(writer.failed != nil)
        writer.close()
        let start = #expect(throws: SpoolError.self) { try SegmentWriter(layout: layout, fileSystem: AsNobody()) }
        #expect(start?.message.contains(layout.segments) == true && start?.message.contains("give the file back") == true)
        chmod(layout.segments, 0o770)
        let next = try SegmentWriter(layout: layout, fileSystem: AsNobody())
        #expect(await next.send([message(3)])[0] == nil)
        next.close()
        #expect(try SpoolReader(layout: layout).everything().messages.map(\.id) == [message(1).id, message(3).id])
    }

    @Test(
        "A disk that is full refuses, and takes mail again when there is room",
        .enabled(if: SmallDisk.isPossible, "mounting needs root"))
    func full() async throws {
        let disk = try SmallDisk(options: "size=512k")
        let writer = try SegmentWriter(layout: disk.layout)
        var accepted: [MessageID] = []
        for round in 0..<3 {
            disk.fill(1 << 20)
            let refused = await writer.send((0..<20).map { message(round * 100 + $0) })
            #expect(refused.contains { $0?.code == .noSpace })
            accepted += zip(0..<20, refused).filter { $0.1 == nil }.map { message(round * 100 + $0.0).id }
            disk.fill(nil)
            #expect(await writer.send([message(round * 100 + 50)])[0] == nil)
            accepted.append(message(round * 100 + 50).id)
        }
        #expect(writer.failed == nil)
        writer.close()
        let found = try SpoolReader(layout: disk.layout).everything()
        #expect(found.messages.map(\.id) == accepted)
        #expect(found.damage.isEmpty)
    }

    @Test(
        "A disk without inodes refuses new segments and large files, and takes them again",
        .enabled(if: SmallDisk.isPossible, "mounting needs root"))
    func noInodes() async throws {
        let disk = try SmallDisk(options: "size=4m,nr_inodes=12")
        let writer = try SegmentWriter(layout: disk.layout, limits: Self.oneEach)
        var answers: [SpoolError?] = []
        for number in 1...12 { answers += await writer.send([message(number)]) }
        let last = try #require(answers.last ?? nil)
        #expect(last.code == .noSpace && last.message.contains("df -i"))
        let error = #expect(throws: SpoolError.self) {
            try LargeFile(id: MessageID(high: 1, low: 1), layout: disk.layout, fileSystem: writer.fileSystem)
        }
        #expect(error?.code == .noSpace)
        #expect(writer.failed == nil)
        let stored = answers.filter { $0 == nil }.count
        unlink(disk.layout.segment(1))
        #expect(await writer.send([message(13)])[0] == nil)
        writer.close()
        #expect(try SpoolReader(layout: disk.layout).everything().messages.count == stored)
    }

    @Test(
        "A disk mounted read-only is named at the start, with what to do",
        .enabled(if: SmallDisk.isPossible, "mounting needs root"))
    func readOnly() async throws {
        let disk = try SmallDisk(options: "size=1m")
        let writer = try SegmentWriter(layout: disk.layout)
        _ = await writer.send([message(1)])
        writer.close()
        try disk.remountReadOnly()
        let error = #expect(throws: SpoolError.self) { try SegmentWriter(layout: disk.layout) }
        #expect(error?.systemError == EROFS)
        #expect(error?.message.contains("spool/") == true && error?.message.contains("read-only") == true)
        #expect(try SpoolReader(layout: disk.layout).everything().messages.count == 1)
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
