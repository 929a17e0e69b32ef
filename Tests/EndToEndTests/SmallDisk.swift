import Foundation
import TestKit

/// A disk of its own that can be filled to the last byte: a tmpfs of 64 MiB. Nil where mounting is not allowed.
final class SmallDisk {
    let path = "/tmp/layover-disk-\(UInt32.random(in: 0 ... .max))"

    init?() {
        guard geteuid() == 0, mkdir(path, 0o755) == 0 else { return nil }
        guard mount("layover-test", path, "tmpfs", 0, "size=64m") == 0 else {
            rmdir(path)
            return nil
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    /// Leaves so many MiB free.
    func fill(leaving mebibytes: Int) throws {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { throw TestFailure("statvfs") }
        let free = Int(info.f_bavail) * Int(info.f_frsize)
        // Closed in children that other tests start meanwhile: one that held it would keep its room.
        let filler = open(path + "/filler", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(filler) }
        guard posix_fallocate(filler, 0, free - (mebibytes << 20)) == 0 else { throw TestFailure("fill") }
    }

    func empty() { unlink(path + "/filler") }
}
