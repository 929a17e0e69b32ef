import MailModel
import TestKit
import Testing

@testable import Spool

#if canImport(Glibc)
import Glibc
#endif

@Suite("A file of the real disk")
struct POSIXFileTests {
    private let scratch: ScratchDirectory
    private let layout: SpoolLayout

    init() throws {
        scratch = try ScratchDirectory()
        layout = try scratch.spool()
    }

    @Test(
        "Writes and reads that are cut short and interrupted are continued to the last byte",
        arguments: [1, 7, 512, 5_000],
        [0, 1, 3])
    func stutters(most: Int, interruptions: Int) throws {
        let fileSystem = POSIXFileSystem(calls: StutteringCalls(most: most, interruptions: interruptions).calls)
        let file = try fileSystem.open(scratch.path + "/file", .createNew)
        let pieces: [[UInt8]] = [[], [1], [UInt8](repeating: 2, count: 700), [], [UInt8](repeating: 3, count: 4_300)]
        let all = [UInt8](repeating: 9, count: 3) + pieces.joined()
        try file.write([9, 9, 9], at: 0)
        try pieces[1].withUnsafeBytes { one in
            try pieces[2].withUnsafeBytes { two in
                try pieces[4].withUnsafeBytes { four in
                    let empty = UnsafeRawBufferPointer(start: nil, count: 0)
                    try file.write([empty, one, two, empty, four], at: 3)
                }
            }
        }
        #expect(try file.read(10_000, at: 0) == all)
        #expect(try file.read(4, at: 2) == Array(all[2..<6]))
        try file.truncate(to: 100)
        #expect(try file.read(10_000, at: 0) == Array(all[..<100]))
    }

    @Test("A whole spool is written and read over a disk that stutters")
    func spool() async throws {
        let fileSystem = POSIXFileSystem(calls: StutteringCalls(most: 100, interruptions: 2).calls)
        let writer = try SegmentWriter(layout: layout, fileSystem: fileSystem)
        let sent = (1...5).map { TestMessage($0, bytes: [UInt8](repeating: 0x61, count: $0 * 777)) }
        #expect(await writer.send(sent).allSatisfy { $0 == nil })
        writer.close()
        let journal = try Journal(layout: layout, by: "test", fileSystem: fileSystem)
        try await journal.append([.waveClosed(name: "w", why: String(repeating: "x", count: 3_000))])
        #expect(try SpoolReader(layout: layout, fileSystem: fileSystem).everything().bytes == sent.map(\.bytes))
        #expect(try SpoolReader(layout: layout).everything().bytes == sent.map(\.bytes))
        #expect(try Journal(layout: layout, by: "test").everything().entries.count == 1)
    }

    @Test("A sync that fails is never asked again, also when it was only interrupted", arguments: [EINTR, EIO, ENOSPC])
    func sync(number: Int32) async throws {
        let stuttering = StutteringCalls(most: .max, interruptions: 0)
        var calls = stuttering.calls
        calls.sync = { descriptor in
            _ = stuttering.calls.sync(descriptor)
            errno = number
            return -1
        }
        let file = try POSIXFileSystem(calls: calls).open(scratch.path + "/file", .createNew)
        let error = #expect(throws: SpoolError.self) { try file.sync() }
        #expect(error?.systemError == number)
        #expect(stuttering.syncsAsked == 1)
    }

    @Test("A disk that takes nothing is a full disk, not an endless loop")
    func nothingWritten() throws {
        var calls = FileCalls.kernel
        calls.write = { _, _, _, _ in 0 }
        let file = try POSIXFileSystem(calls: calls).open(scratch.path + "/file", .createNew)
        let error = #expect(throws: SpoolError.self) { try file.write([1], at: 0) }
        #expect(error?.code == .noSpace)
    }

    @Test("A stamp changes with every change, and a file that was moved or removed is not in its place")
    func stamp() throws {
        let path = scratch.path + "/file"
        let fileSystem = POSIXFileSystem()
        let file = try fileSystem.open(path, .createNew)
        try file.write([1, 2, 3], at: 0)
        let first = try #require(try file.stamp())
        #expect(try fileSystem.open(path, .readOnly).stamp() == first)
        try file.truncate(to: 2)
        #expect(try file.stamp() != first)
        #expect(file.isInPlace())
        try fileSystem.rename(path, to: path + "-elsewhere")
        #expect(!file.isInPlace())
        try fileSystem.rename(path + "-elsewhere", to: path)
        #expect(file.isInPlace())
        try fileSystem.remove(path)
        #expect(!file.isInPlace())
        #expect(try fileSystem.open(path, .createNew).stamp()?.inode != nil)
    }
}
