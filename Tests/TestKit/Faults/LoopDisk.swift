public import Foundation
import Synchronization

/// A small ext4 of a test's own, in an image file, whose power can be cut.
///
/// `cutPower` is the file system's own shutdown (`FS_IOC_SHUTDOWN` with NOLOGFLUSH): from that instant nothing reaches the disk, neither
/// page cache nor journal, and what was not synced is gone after `mountAgain`, which recovers the journal as a boot does. It models
/// neither a drive that lies about a flush nor one that tears what it was writing.
public final class LoopDisk: Sendable {
    public let mountPoint: URL
    private let image: URL
    private let state: Mutex<(isMounted: Bool, isFrozen: Bool)>

    /// Why no such disk can be had here; nil where it can. Tried once, with a disk that is made and removed.
    public static let obstacle: String? = findObstacle()

    private static func findObstacle() -> String? {
        guard getuid() == 0 else { return "needs root" }
        for program in ["mkfs.ext4", "mount", "umount"] where HostProgram.path(program) == nil {
            return "needs \(program)"
        }
        do {
            let directory = URL(filePath: "/tmp/layover-trial-\(UInt32.random(in: 0 ... .max))")
            defer { try? FileManager.default.removeItem(at: directory) }
            let disk = try LoopDisk(at: directory, size: 16 << 20)
            defer { disk.remove() }
            try disk.cutPower()
            return nil
        } catch {
            return "needs loop devices and FS_IOC_SHUTDOWN: \(error)"
        }
    }

    /// For a shell in a mount namespace of its own: lets go of the disks of other tests, which it has got copies of. A file system lives
    /// until the last copy is gone, and with it the power cut: mounted again it would be the dead one.
    static let leftAlone =
        #"while read -r device point _; do case $device in /dev/loop*) umount -l "$point" || :;; esac; done </proc/mounts; "#

    /// Makes the image beside `mountPoint`, and mounts it there.
    public init(at mountPoint: URL, size: Int, inodes: Int? = nil) throws {
        self.mountPoint = mountPoint
        image = URL(filePath: mountPoint.path + ".img")
        state = Mutex((false, false))
        try FileManager.default.createDirectory(at: mountPoint, withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: image.path, contents: nil) else {
            throw TestFailure("cannot make \(image.path)")
        }
        let file = try FileHandle(forWritingTo: image)
        try file.truncate(atOffset: UInt64(size))
        try file.close()
        try HostProgram.run(
            "mkfs.ext4", ["-q", "-F", "-m", "0"] + (inodes.map { ["-N", "\($0)"] } ?? []) + [image.path])
        do {
            try mount()
        } catch {
            try? FileManager.default.removeItem(at: image)
            throw error
        }
    }

    /// What nobody removed goes with the last reference.
    deinit { remove() }

    private func mount() throws {
        // A loop device that `mount` has taken goes with the mount.
        try HostProgram.run("mount", ["-o", "loop,noatime", image.path, mountPoint.path])
        state.withLock { $0.isMounted = true }
    }

    /// The power goes for `processes` and their disk: they are stopped before the disk is, and killed after.
    ///
    /// Stopped first, because ext4 lets a sync that is under way at the instant of the shutdown return 0 over bytes that it has not stored
    /// (measured: one round in 17 with one writer that syncs all the time). Nobody may act upon such an answer: no machine without power does.
    public func cutPower(of processes: [ChildProcess]) throws {
        defer { for process in processes { process.kill() } }
        for process in processes { process.signal(SIGSTOP) }
        for process in processes { try process.halt() }
        try cutPower()
    }

    /// From now on every write, sync and read of metadata fails, and nothing more is stored. What was acknowledged before this is called is
    /// safe; a sync that is under way may lie, see above.
    public func cutPower() throws {
        // `_IOR('X', 125, __u32)`; 2 is EXT4_GOING_FLAGS_NOLOGFLUSH.
        var how: UInt32 = 2
        let descriptor = open(mountPoint.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestFailure("cannot open \(mountPoint.path): \(errno)") }
        defer { close(descriptor) }
        guard ioctl(descriptor, 0x8004_587D, &how) == 0 else {
            throw TestFailure("FS_IOC_SHUTDOWN: \(String(cString: strerror(errno)))")
        }
    }

    /// The boot after a power cut. Whoever had files open must be gone.
    ///
    /// - Parameter checked: `fsck` goes over it first, as it must after the file system has found an error.
    public func mountAgain(checked: Bool = false) throws {
        try unmount()
        if checked { try HostProgram.run("bash", ["-c", "e2fsck -fy \"$0\" || [ $? = 1 ]", image.path]) }
        try mount()
    }

    /// The file system finds an error, as it does on a dying disk, and takes no more writes (`errors=remount-ro`).
    public func failReadOnly() throws {
        try HostProgram.run("mount", ["-o", "remount,errors=remount-ro", mountPoint.path])
        let device = try HostProgram.run("findmnt", ["-n", "-o", "SOURCE", mountPoint.path])
        let name = device.split(separator: "/").last?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        try Data("1\n".utf8).write(to: URL(filePath: "/sys/fs/ext4/\(name)/trigger_fs_error"))
    }

    /// Holds back every write until `thaw`; a thread sees to the thaw should the test die before it.
    public func freeze(atMost limit: Duration) throws {
        try HostProgram.run("fsfreeze", ["--freeze", mountPoint.path])
        state.withLock { $0.isFrozen = true }
        Thread.detachNewThread { [weak self] in
            usleep(UInt32(limit.components.seconds) * 1_000_000)
            self?.thaw()
        }
    }

    public func thaw() {
        let wasFrozen = state.withLock { state in
            defer { state.isFrozen = false }
            return state.isFrozen
        }
        if wasFrozen { _ = try? HostProgram.run("fsfreeze", ["--unfreeze", mountPoint.path]) }
    }

    private func unmount() throws {
        guard state.withLock({ $0.isMounted }) else { return }
        // A killed process closes its files a moment after it is gone.
        try eventually("\(mountPoint.path) is unmounted", within: .seconds(10)) {
            (try? HostProgram.run("umount", [mountPoint.path])).map { _ in () }
        }
        // Its loop device goes with the file system: nobody has a copy of the mount any more.
        try eventually("\(image.path) is let go", within: .seconds(10)) {
            try HostProgram.run("losetup", ["-j", image.path]).isEmpty ? () : nil
        }
        state.withLock { $0.isMounted = false }
    }

    /// Unmounts it and removes the image.
    public func remove() {
        thaw()
        if (try? unmount()) == nil {
            _ = try? HostProgram.run("umount", ["--lazy", mountPoint.path])
            state.withLock { $0.isMounted = false }
        }
        try? FileManager.default.removeItem(at: image)
    }
}
