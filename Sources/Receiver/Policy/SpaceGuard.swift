import MailModel
import SMTPProtocol
import Spool
import Synchronization

/// Keeps the disk from filling up under accepted sessions: knows the free room, and what sessions in flight may still write.
///
/// Room is promised for octets that have come, not for those that a client declares: SIZE costs nothing, and a few clients that
/// declare much and send nothing would take everybody's room. Free room is asked for off the event loops (`refresh`); in between,
/// what was promised and what was written is counted against it.
final class SpaceGuard: Sendable {
    private struct State {
        var free = FreeSpace(freeBytes: .max, totalBytes: 0, freeInodes: .max, totalInodes: 0)
        var reserved = 0
        /// Of the reserve file, while it is there.
        var reserveSize: ByteCount?
        /// The free bytes that are enough since the reserve was released: the room that it gave back is for mail, also where
        /// other programs have eaten the disk far below the floor.
        var loweredFloor: ByteCount?

        mutating func look(_ now: FreeSpace, _ reserve: SpoolReserve.State) {
            switch reserve {
            case .held(let size): (reserveSize, loweredFloor) = (size, nil)
            case .released(let floor): (reserveSize, loweredFloor) = (nil, floor)
            case .absent:
                // Removed by hand since the last look.
                guard let size = reserveSize else { break }
                loweredFloor = SpoolReserve.floor(afterReleaseOf: size, free: free.freeBytes)
                reserveSize = nil
            }
            free = now
        }

        func floorBytes(_ floor: ReceiverLimits.FreeFloor) -> Int {
            min(floor.bytes(of: free), loweredFloor?.bytes ?? .max)
        }

        func isAbove(_ floor: ReceiverLimits.FreeFloor) -> Bool {
            free.freeBytes >= floorBytes(floor) && free.freeInodes >= floor.inodes(of: free)
        }

        /// Room for `bytes` beside everything promised, with the floor left free.
        func hasRoom(for bytes: Int, above floor: ReceiverLimits.FreeFloor) -> Bool {
            let (needed, overflow) = bytes.addingReportingOverflow(reserved)
            guard !overflow else { return false }
            let (left, isFarBelow) = free.freeBytes.subtractingReportingOverflow(needed)
            return !isFarBelow && left >= floorBytes(floor) && free.freeInodes >= floor.inodes(of: free)
        }
    }

    private let path: String
    private let fileSystem: any SpoolFileSystem
    private let floor: ReceiverLimits.FreeFloor
    private let state = Mutex(State())

    init(path: String, fileSystem: any SpoolFileSystem, floor: ReceiverLimits.FreeFloor) {
        self.path = path
        self.fileSystem = fileSystem
        self.floor = floor
    }

    /// Asks the file system. Blocks.
    func refresh() throws {
        let free = try fileSystem.freeSpace(at: path)
        let reserve =
            (try? SpoolReserve(layout: SpoolLayout(directory: path), fileSystem: fileSystem).state()) ?? .absent
        state.withLock { $0.look(free, reserve) }
    }

    /// As last asked for, less what was written since.
    var free: FreeSpace { state.withLock { $0.free } }

    /// Free bytes above the floor, as last seen; below nothing where the disk is under it.
    var roomBytes: Int { state.withLock { $0.free.freeBytes &- $0.floorBytes(floor) } }

    /// The floor on this disk, in bytes, before a reserve is released.
    var floorBytes: Int { state.withLock { floor.bytes(of: $0.free) } }

    /// Bytes promised to messages in flight.
    var reservedBytes: Int { state.withLock { $0.reserved } }

    /// Room for a message of so many bytes beside everything promised. Promises nothing.
    func hasRoom(for bytes: Int) -> Bool { state.withLock { $0.hasRoom(for: bytes, above: floor) } }

    /// Why a message that comes now may find no room; nil while there is some.
    var shortage: Shortage? {
        state.withLock { state in
            guard state.isAbove(floor) else { return .belowFloor }
            let isFilled = state.reserved > 0 && !state.hasRoom(for: SpaceReservation.step.bytes, above: floor)
            return isFilled ? .promised : nil
        }
    }

    /// What keeps mail from being taken.
    enum Shortage: Hashable, Sendable {
        /// The free bytes or the free inodes are below the floor.
        case belowFloor
        /// There is free room above the floor, and messages in flight need it.
        case promised
    }

    /// Begins the promise to one message: room for its first octets; nil where the disk has no room for all that it declares.
    func reserve(declared: Int) -> SpaceReservation? {
        let first = min(declared, SpaceReservation.step.bytes)
        return take(first, of: declared) ? SpaceReservation(bytes: first, space: self) : nil
    }

    /// Promises `bytes`, where there is room for `all`.
    fileprivate func take(_ bytes: Int, of all: Int) -> Bool {
        // One step, or two sessions could be promised the same room.
        state.withLock { state in
            guard state.hasRoom(for: all, above: floor) else { return false }
            state.reserved += bytes
            return true
        }
    }

    /// Takes back `promised` bytes of a promise; `written` bytes are on the disk now.
    fileprivate func release(_ promised: Int, written: Int = 0) {
        state.withLock { state in
            state.reserved -= promised
            state.free.freeBytes = max(0, state.free.freeBytes - written)
        }
    }
}

/// The room on the disk that was promised to one message. Given back with the last reference.
///
/// Used by one owner at a time: the session, then the writer.
final class SpaceReservation: @unchecked Sendable {  // Safe because it is handed over with its message; two threads never hold it at once.
    /// A message gets its room in steps of so much.
    static let step = ByteCount.kib(64)

    private let space: SpaceGuard
    /// What it may still write.
    private var promised: Int
    private var written = 0

    fileprivate init(bytes: Int, space: SpaceGuard) {
        promised = bytes
        self.space = space
    }

    deinit { giveBack() }

    /// Sees to it that there is room for `total` bytes, of which some may be on the disk. False where there is none.
    func cover(_ total: Int) -> Bool {
        let missing = total - written - promised
        guard missing > 0 else { return true }
        let more = max(missing, Self.step.bytes)
        if space.take(more, of: more) {
            promised += more
        } else if space.take(missing, of: missing) {
            // The last room above the floor is less than a step.
            promised += missing
        } else {
            return false
        }
        return true
    }

    /// So many bytes of the message are on the disk now, all told: they are no promise any more, or they would count twice.
    func spend(_ total: Int) {
        let more = total - written
        guard more > 0 else { return }
        let kept = min(more, promised)
        space.release(kept, written: more)
        promised -= kept
        written = total
    }

    /// The message will not be accepted: others may have its room.
    func giveBack() {
        space.release(promised)
        promised = 0
    }
}

extension ReceiverLimits.FreeFloor {
    fileprivate func bytes(of free: FreeSpace) -> Int {
        switch self {
        case .percent(let percent): free.totalBytes / 100 * percent
        case .bytes(let count): count.bytes
        }
    }

    /// A file system without a fixed number of inodes says 0.
    fileprivate func inodes(of free: FreeSpace) -> Int {
        guard free.totalInodes > 0 else { return 0 }
        switch self {
        case .percent(let percent): return free.totalInodes / 100 * percent
        case .bytes: return 16
        }
    }
}
