import MailModel
import SMTPProtocol
import Spool
import Synchronization

/// Keeps the disk from filling up under accepted sessions: knows the free room, and what sessions in flight may still write.
///
/// Free room is asked for off the event loops (`refresh`); in between, what was promised is counted against it.
final class SpaceGuard: Sendable {
    private struct State {
        var free = FreeSpace(freeBytes: .max, totalBytes: 0, freeInodes: .max, totalInodes: 0)
        var reserved = 0
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
        state.withLock { $0.free = free }
    }

    /// Room for a message of so many bytes beside everything promised, with the floor left free.
    func hasRoom(for bytes: Int) -> Bool {
        state.withLock { state in
            let (needed, overflow) = bytes.addingReportingOverflow(state.reserved)
            guard !overflow else { return false }
            return state.free.freeBytes - needed >= floorBytes(of: state.free) && state.free.freeInodes >= floorInodes(of: state.free)
        }
    }

    func reserve(_ bytes: Int) { state.withLock { $0.reserved += bytes } }
    func release(_ bytes: Int) { state.withLock { $0.reserved -= bytes } }

    private func floorBytes(of free: FreeSpace) -> Int {
        switch floor {
        case .percent(let percent): free.totalBytes / 100 * percent
        case .bytes(let count): count.bytes
        }
    }

    /// A file system without a fixed number of inodes says 0.
    private func floorInodes(of free: FreeSpace) -> Int {
        guard free.totalInodes > 0 else { return 0 }
        switch floor {
        case .percent(let percent): return free.totalInodes / 100 * percent
        case .bytes: return 16
        }
    }
}
