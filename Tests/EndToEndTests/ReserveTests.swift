import Foundation
import TestKit
import Testing

/// A disk of its own that can be filled to the last byte.
@Suite("A full disk and the reserve", .serialized)
struct ReserveTests {
    /// A tmpfs of 64 MiB; nil where mounting is not allowed.
    private final class SmallDisk {
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
            let filler = open(path + "/filler", O_RDWR | O_CREAT, 0o600)
            defer { close(filler) }
            guard posix_fallocate(filler, 0, free - (mebibytes << 20)) == 0 else { throw TestFailure("fill") }
        }

        func empty() { unlink(path + "/filler") }
    }

    private func site(_ disk: SmallDisk) throws -> LayoverSite {
        try LayoverSite { _ in
            """
            hostname = "mx.example.test"
            [spool]
            directory = "\(disk.path)/spool"
            min_free = "8 MiB"
            reserve = "8 MiB"
            [receive]
            listen = ["127.0.0.1:0"]
            domains = ["example.test"]

            """
        }
    }

    private func reply(_ port: UInt16) throws -> Int {
        try SMTPClient(port: port).command("MAIL FROM:<a@sender.test>").code
    }

    @Test("At the floor mail is put off; the released reserve lets it in again, and is restored once there is room")
    func fullDisk() async throws {
        try await onThreadOfItsOwn {
            guard let disk = SmallDisk() else { return print("not run: mounting a tmpfs is not allowed here") }
            let site = try self.site(disk)
            defer { site.remove() }
            let server = try site.startServer()
            defer { server.kill() }
            #expect(try self.reply(server.port) == 250)
            #expect(try site.run(["status"]).output.contains("reserve 8 MiB"))

            // Far below the floor, so that the 8 MiB alone would not reach it.
            try disk.fill(leaving: 2)
            _ = try eventually("mail is put off", within: .seconds(20)) {
                try self.reply(server.port) == 452 ? true : nil
            }
            _ = try eventually("it is told", within: .seconds(20)) {
                server.process.errorText.contains("the disk is at its floor") ? true : nil
            }
            let released = try site.run(["reserve", "release"])
            #expect(released.status == 0, "\(released)")
            _ = try eventually("mail is taken", within: .seconds(20)) {
                try self.reply(server.port) == 250 ? true : nil
            }
            #expect(try site.run(["status"]).output.contains("RELEASED"))
            #expect(try site.run(["reserve", "restore"]).status == 75)
            let log = server.process.errorText
            #expect(log.components(separatedBy: "the disk is at its floor").count == 2, "told more than once:\n\(log)")

            disk.empty()
            let restored = try site.run(["reserve", "restore"])
            #expect(restored.status == 0, "\(restored)")
            #expect(try site.run(["status"]).output.contains("reserve 8 MiB"))
            try disk.fill(leaving: 2)
            _ = try eventually("the floor counts again", within: .seconds(20)) {
                try self.reply(server.port) == 452 ? true : nil
            }
            disk.empty()
            #expect(try server.terminate() == .exited(0))
        }
    }
}
