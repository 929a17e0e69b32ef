import Spool
import TestKit

#if canImport(Glibc)
import Glibc
#endif

/// A tmpfs of its own: a real disk that is really full. Mounting needs root.
final class SmallDisk {
    let layout: SpoolLayout
    private let path: String
    private let scratch: ScratchDirectory

    /// Whether this process may mount.
    static let isPossible: Bool = (try? SmallDisk(options: "size=64k")) != nil

    struct MountFailure: Error { var number: Int32 }

    init(options: String) throws {
        scratch = try ScratchDirectory()
        path = scratch.path + "/disk"
        layout = SpoolLayout(directory: path + "/spool")
        mkdir(path, 0o700)
        guard mount("tmpfs", path, "tmpfs", 0, options) == 0 else { throw MountFailure(number: errno) }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    func remountReadOnly() throws {
        guard mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT) | UInt(MS_RDONLY), nil) == 0 else {
            throw MountFailure(number: errno)
        }
    }

    /// A file that takes room from the spool's; nil gives it back.
    func fill(_ bytes: Int?) {
        let file = path + "/filler"
        unlink(file)
        guard let bytes else { return }
        let descriptor = open(file, O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0, count: 4_096)
        for _ in 0..<(bytes / block.count) where write(descriptor, block, block.count) < block.count { return }
    }
}
