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
        #expect(below.reserve(declared: 0) == nil)
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
        let held = try #require(space.reserve(declared: 1_000))
        #expect(!space.hasRoom(for: size))
        #expect(space.reserve(declared: size) == nil)
        #expect(!held.cover(size))
        #expect(space.reservedBytes == 1_000)
    }

    @Test("There must be room for what is declared, and only the first step of it is promised")
    func declared() throws {
        let space = try guarded(free: 2_000_000)
        #expect(space.reserve(declared: 1_000_001) == nil)
        let held = (0..<5).map { _ in space.reserve(declared: 600_000) }
        #expect(held.allSatisfy { $0 != nil })
        #expect(space.reservedBytes == 5 * SpaceReservation.step.bytes)
        #expect(space.hasRoom(for: 1_000_000 - space.reservedBytes))
        #expect(!space.hasRoom(for: 1_000_001 - space.reservedBytes))
    }

    @Test("A promise counts until its last reference goes; what was written counts until the disk is asked again")
    func promises() throws {
        let space = try guarded(free: 2_000_000)
        var first = space.reserve(declared: 0)
        #expect(first?.cover(600_000) == true)
        #expect(!space.hasRoom(for: 400_001))
        #expect(space.reserve(declared: 400_001) == nil)
        first = nil
        #expect(space.reservedBytes == 0)
        var second = space.reserve(declared: 0)
        #expect(second?.cover(600_000) == true)
        second?.spend(500_000)
        second = nil
        #expect(space.hasRoom(for: 500_000))
        #expect(!space.hasRoom(for: 500_001))
        try space.refresh()
        #expect(space.hasRoom(for: 1_000_000))
    }

    @Test("What is written step by step is no promise any more, and is not promised again")
    func spending() throws {
        let space = try guarded(free: 2_000_000)
        let message = try #require(space.reserve(declared: 0))
        #expect(message.cover(600_000))
        message.spend(200_000)
        message.spend(500_000)
        #expect(space.reservedBytes == 100_000 && space.free.freeBytes == 1_500_000)
        #expect(message.cover(600_000))
        #expect(space.reservedBytes == 100_000)
        // More than was promised, such as the trace line.
        message.spend(600_100)
        #expect(space.reservedBytes == 0 && space.free.freeBytes == 1_399_900)
    }

    @Test("What is short is told apart: free room, or promises that fill it")
    func shortage() throws {
        #expect(try guarded(free: 999_999).shortage == .belowFloor)
        #expect(try guarded(free: .max / 2, inodes: 15, totalInodes: 1_000).shortage == .belowFloor)
        let space = try guarded(free: 1_000_000 + 3 * SpaceReservation.step.bytes)
        let message = try #require(space.reserve(declared: 0))
        #expect(message.cover(2 * SpaceReservation.step.bytes) && space.shortage == nil)
        #expect(message.cover(2 * SpaceReservation.step.bytes + 1) && space.shortage == .promised)
        message.giveBack()
        #expect(space.shortage == nil && space.reservedBytes == 0)
    }

    @Test("A message that grows beyond its promise gets more until the floor")
    func growth() throws {
        let space = try guarded(free: 1_000_000 + 3 * SpaceReservation.step.bytes)
        let message = try #require(space.reserve(declared: 0))
        #expect(message.cover(1))
        #expect(space.reservedBytes == SpaceReservation.step.bytes)
        #expect(message.cover(3 * SpaceReservation.step.bytes))
        #expect(!message.cover(3 * SpaceReservation.step.bytes + 1))
        #expect(space.reservedBytes == 3 * SpaceReservation.step.bytes)
    }

    @Test("The last room above the floor is given to the byte, also where it is less than a step")
    func lastStep() throws {
        let space = try guarded(free: 1_000_000 + 100)
        let message = try #require(space.reserve(declared: 0))
        #expect(message.cover(60) && message.cover(100))
        #expect(!message.cover(101))
    }
}
