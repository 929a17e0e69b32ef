import MailModel
import Spool
import Testing

@testable import Receiver

@Suite("Room on the disk", .timeLimit(.minutes(10)))
struct SpaceGuardTests {
    private func guarded(
        free: Int, total: Int = 10_000_000, inodes: Int = 1_000_000, totalInodes: Int = 1_000_000,
        floor: ReceiverLimits.FreeFloor = .bytes(ByteCount(1_000_000))
    ) throws -> SpaceGuard {
        let disk = ScriptedFileSystem()
        disk.setFree(bytes: free, total: total, inodes: inodes, totalInodes: totalInodes)
        let space = SpaceGuard(path: "/", fileSystem: disk, floor: floor)
        try space.refresh()
        return space
    }

    @Test("The floor is kept to the byte")
    func bytes() throws {
        let space = try guarded(free: 1_500_000)
        #expect(space.hasRoom(for: 500_000))
        #expect(!space.hasRoom(for: 500_001))
        let below = try guarded(free: 999_999)
        #expect(!below.hasRoom(for: 0))
        #expect(below.reserve(0) == nil)
    }

    @Test("The floor may be a share")
    func percent() throws {
        let space = try guarded(free: 600_000, floor: .percent(5))
        #expect(space.hasRoom(for: 100_000))
        #expect(!space.hasRoom(for: 100_001))
    }

    @Test("Inodes have a floor too, where the file system counts them")
    func inodes() throws {
        #expect(try guarded(free: .max / 2, inodes: 16, totalInodes: 1_000).hasRoom(for: 1))
        #expect(try !guarded(free: .max / 2, inodes: 15, totalInodes: 1_000).hasRoom(for: 1))
        #expect(try !guarded(free: .max / 2, inodes: 49, totalInodes: 1_000, floor: .percent(5)).hasRoom(for: 1))
        #expect(try guarded(free: .max / 2, inodes: 0, totalInodes: 0).hasRoom(for: 1))
    }

    @Test("Absurd sizes are refused, not computed with", arguments: [Int.max, Int.max - 1, Int.max / 2])
    func absurd(size: Int) throws {
        let space = try guarded(free: 5_000_000)
        let held = try #require(space.reserve(1_000))
        #expect(!space.hasRoom(for: size))
        #expect(space.reserve(size) == nil)
        #expect(!held.cover(size))
        #expect(space.reservedBytes == 1_000)
    }

    @Test("A promise counts until its last reference goes; what was written counts until the disk is asked again")
    func promises() throws {
        let space = try guarded(free: 2_000_000)
        var first = space.reserve(600_000)
        #expect(first != nil)
        #expect(!space.hasRoom(for: 400_001))
        #expect(space.reserve(400_001) == nil)
        first = nil
        #expect(space.reservedBytes == 0)
        var second = space.reserve(600_000)
        second?.spend(500_000)
        second = nil
        #expect(space.hasRoom(for: 500_000))
        #expect(!space.hasRoom(for: 500_001))
        try space.refresh()
        #expect(space.hasRoom(for: 1_000_000))
    }

    @Test("A message that grows beyond its promise gets more until the floor")
    func growth() throws {
        let space = try guarded(free: 1_000_000 + 3 * SpaceReservation.step.bytes)
        let message = try #require(space.reserve(0))
        #expect(message.cover(1))
        #expect(space.reservedBytes == SpaceReservation.step.bytes)
        #expect(message.cover(3 * SpaceReservation.step.bytes))
        #expect(!message.cover(3 * SpaceReservation.step.bytes + 1))
        #expect(space.reservedBytes == 3 * SpaceReservation.step.bytes)
    }
}
