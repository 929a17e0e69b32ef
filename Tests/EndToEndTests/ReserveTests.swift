import Foundation
import TestKit
import Testing

@Suite("A full disk and the reserve", .serialized)
struct ReserveTests {
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

    @Test("An export to a full disk says so, leaves nothing half, and goes on when it is given again")
    func exportToFullDisk() async throws {
        try await onThreadOfItsOwn {
            guard let disk = SmallDisk() else { return print("not run: mounting a tmpfs is not allowed here") }
            guard let spool = SmallDisk() else { return }
            let site = try self.site(spool)
            defer { site.remove() }
            let server = try site.startServer()
            var samples = SampleMail(seed: 1)
            let client = try SMTPClient(port: server.port)
            for size in [200_000, 3_000_000] {
                #expect(try client.send(samples.large(size, to: ["anna@example.test"])).acknowledgedID != nil)
            }
            #expect(try server.terminate() == .exited(0))
            for form in ["--eml", "--mbox", "--maildir"] {
                let out = disk.path + "/out"
                try disk.fill(leaving: 1)
                let full = try site.run(["export", "--all", form, out])
                #expect(full.status == 74 && full.errors.contains("make room"), "\(full)")
                disk.empty()
                let again = try site.run(["export", "--all", form, out])
                #expect(again.status == 0, "\(again)")
                let files = try FileManager.default.subpathsOfDirectory(atPath: out)
                #expect(!files.contains { $0.hasSuffix(".part") || $0.contains("/tmp/") }, "\(files)")
                try FileManager.default.removeItem(atPath: out)
            }
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
