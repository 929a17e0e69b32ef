import Foundation
import Logging
import MailModel
import Spool
import Testing

@testable import Receiver

@Suite("The end of the disk is told once for each change", .timeLimit(.minutes(10)))
struct SpaceWatchTests {
    @Test("Floor and time left, each once, and taken back once")
    func changes() {
        var state = SpaceWatch.State()
        let day = 24 * 3_600
        let steps: [(room: Int, seconds: Int?, [SpaceWatch.Change])] = [
            (100, nil, []), (100, 10 * day, []), (100, day - 1, [.runsShort(seconds: day - 1)]), (90, day - 50, []),
            (90, day + 100, []), (90, day - 1, []), (-1, 0, [.floorReached]), (-5, nil, []), (0, 10, [.floorLeft]),
            (-1, 0, [.floorReached]), (500, 3 * day, [.floorLeft, .lastsAgain]), (500, nil, []),
        ]
        for (number, step) in steps.enumerated() {
            #expect(state.changes(roomBytes: step.room, secondsLeft: step.seconds) == step.2, "step \(number)")
        }
    }

    @Test("Promises that fill the room are told once, and taken back once half of it is free again")
    func promised() {
        var state = SpaceWatch.State()
        let step = SpaceReservation.step.bytes
        let steps: [(room: Int, promised: Int, [SpaceWatch.Change])] = [
            (10 * step, 0, []), (10 * step, 9 * step, []), (10 * step, 9 * step + 1, [.roomPromised]),
            (10 * step, 10 * step, []), (10 * step, 6 * step, []), (10 * step, 5 * step, [.roomFree]),
            (10, 0, []), (-1, 10, [.floorReached]),
        ]
        for (number, step) in steps.enumerated() {
            let changes = state.changes(roomBytes: step.room, promisedBytes: step.promised, secondsLeft: nil)
            #expect(changes == step.2, "step \(number)")
        }
    }

    @Test("The log names promises as what fills the room")
    func toldOfPromises() throws {
        let disk = ScriptedFileSystem()
        let layout = SpoolLayout(directory: "/")
        let space = SpaceGuard(path: "/", fileSystem: disk, floor: .bytes(ByteCount(1_000_000)))
        disk.setFree(bytes: 2_000_000)
        try space.refresh()
        let log = RecordedLog()
        let watch = SpaceWatch(layout: layout, space: space, reserve: ByteCount(0), logger: log.logger)
        let message = try #require(space.reserve(declared: 0))
        #expect(message.cover(1_000_000))
        watch.look(now: .now())
        watch.look(now: .now())
        #expect(log.messages(at: .warning).filter { $0.contains("are arriving fill the room") }.count == 1)
        #expect(log.messages(at: .error).isEmpty)
    }

    @Test("A released reserve lowers the floor to what was free before, and a restored one brings it back")
    func released() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "layover-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let disk = ScriptedFileSystem()
        let layout = SpoolLayout(directory: directory.path)
        let space = SpaceGuard(path: directory.path, fileSystem: disk, floor: .bytes(ByteCount(1_000_000_000)))
        let reserve = SpoolReserve(layout: layout, fileSystem: disk)
        disk.setFree(bytes: 9_000_000_000)
        #expect(try reserve.make(.mib(8), floor: space.floorBytes))
        try space.refresh()
        #expect(space.hasRoom(for: 7_000_000_000))

        // Another program has eaten the disk far below the floor.
        disk.setFree(bytes: 3_000_000)
        try space.refresh()
        #expect(!space.hasRoom(for: 0))
        _ = try reserve.release()
        disk.setFree(bytes: 3_000_000 + (8 << 20))
        try space.refresh()
        // Seven eighths of what was given back are for mail.
        #expect(space.hasRoom(for: 7 << 20))
        #expect(!space.hasRoom(for: (7 << 20) + 1))
        disk.setFree(bytes: 9_000_000_000)
        #expect(try reserve.make(.mib(8), floor: 0))
        disk.setFree(bytes: 500_000_000)
        try space.refresh()
        #expect(!space.hasRoom(for: 0))

        // Removed by hand while the receiver runs.
        try FileManager.default.removeItem(atPath: layout.reserve)
        disk.setFree(bytes: 500_000_000 + (8 << 20))
        try space.refresh()
        #expect(space.hasRoom(for: 7 << 20))
        try space.refresh()
        #expect(space.hasRoom(for: 7 << 20))
    }

    @Test("At the start the reserve is made where there is room, and goes where it is switched off")
    func begins() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "layover-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let layout = SpoolLayout(directory: directory.path)
        let space = SpaceGuard(path: directory.path, fileSystem: POSIXFileSystem(), floor: .bytes(ByteCount(1)))
        try space.refresh()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        SpaceWatch(layout: layout, space: space, reserve: .mib(2), logger: logger).begin()
        #expect(try SpoolReserve(layout: layout).state() == .held(.mib(2)))
        SpaceWatch(layout: layout, space: space, reserve: ByteCount(0), logger: logger).begin()
        #expect(try SpoolReserve(layout: layout).state() == .absent)
    }
}
