import Foundation
import TestKit
import Testing

extension EndToEnd {
    @Test("A folder that could not be looked into is named with the way on, and only by its name is it left out")
    func closedFolder() async throws {
        try await onThreadOfItsOwn {
            let migration = try Migration(mailboxes: 1, aliases: 0)
            defer { migration.end() }
            let (site, user) = (migration.site, migration.mailboxes[0].address)
            _ = try migration.hold(1, seed: 31)
            try Self.expect(site.run(["cutover", "--all"]), status: 0)
            try Self.expect(site.run(["replay"]), status: 0)
            try migration.dovecot.doveadm(["mailbox", "create", "-u", user, "Shut"])
            try migration.dovecot.doveadm(["move", "-u", user, "Shut", "mailbox", "INBOX", "all"])
            let mail = migration.dovecot.directory.appending(path: "mail").path
            try HostProgram.run("bash", ["-c", "find '\(mail)' -path '*Shut/dbox-Mails' -exec chmod 000 {} +"])
            _ = try site.write("", to: "spool/restore")

            try Self.expect(site.run(["replay"]), status: 75)
            let reconcile = ["replay", "--reconcile"]
            for words in [[], ["--without-folder", "INBOX"]] {
                let refused = try site.run(reconcile + words)
                Self.expect(refused, status: 75)
                #expect(refused.output.contains("--without-folder 'Shut'"), "\(refused)")
                try Self.expect(site.run(["replay"]), status: 75)
            }
            try Self.expect(site.run(["replay", "--without-folder", "Shut"]), status: 64)
            let opened = try site.run(reconcile + ["--without-folder", "Shut"])
            #expect(opened.status == 0 && opened.output.contains(/left out.*: Shut\n/), "\(opened)")
            try Self.expect(site.run(["replay"]), status: 0)
            let shown = try site.run(["roster", "show", user])
            #expect(shown.output.contains("left out with --without-folder: Shut"), "\(shown)")
        }
    }
}
