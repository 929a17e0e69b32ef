import Foundation
import TestKit

/// A folder that shows the mail of all other folders, made with Dovecot's virtual plugin.
enum VirtualMailbox {
    static let folder = "Views/All"

    /// Settings for `ThrowawayDovecot`.
    static let settings = """
        mail_plugins = virtual
        namespace views {
          prefix = Views/
          separator = /
          location = virtual:%h.views
          list = yes
        }
        """

    /// Makes the view of a user. It lies beside the user's mail, and goes with it.
    static func make(_ dovecot: ThrowawayDovecot, user: String) throws {
        let root = dovecot.directory.appending(path: "mail/\(user).views")
        let view = root.appending(path: "All")
        try FileManager.default.createDirectory(at: view, withIntermediateDirectories: true)
        let rule = view.appending(path: "dovecot-virtual")
        try Data("*\n  all\n".utf8).write(to: rule)
        for file in [root, view, rule] {
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: file.path)
        }
    }
}
