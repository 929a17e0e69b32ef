public import Foundation

/// Exim as a sender, once for each mail. Debian has no place for it beside Postfix, so its package is unpacked (`Tests/run`) and laid
/// over `/usr` in a mount namespace of its own. Needs root.
public struct ThrowawayExim: Sendable {
    private let directory: URL

    private static let unpacked = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: ".build/exim")

    public static var isAvailable: Bool {
        geteuid() == 0 && access(unpacked.path + "/usr/sbin/exim4", X_OK) == 0
    }

    public init(in parent: URL, relayPort: UInt16) throws {
        directory = parent.appending(path: "exim")
        for name in ["spool", "log"] {
            try FileManager.default.createDirectory(
                at: directory.appending(path: name), withIntermediateDirectories: true)
            try HostProgram.run("chown", [Self.user, directory.appending(path: name).path])
        }
        for name in ["passwd", "group"] {
            let line = "Debian-exim:x:\(Self.user):" + (name == "passwd" ? "\(Self.user)::/nonexistent:/bin/false" : "")
            let text = try String(contentsOfFile: "/etc/\(name)", encoding: .utf8)
            try Data("\(text)\(line)\n".utf8).write(to: directory.appending(path: name))
        }
        try Data(configuration(relayPort).utf8).write(to: directory.appending(path: "exim.conf"))
    }

    private static let user = "64001"

    /// Returns when Exim has tried to deliver it; it must not be left in the queue.
    public func send(_ file: String, from sender: String, to recipients: [String]) throws {
        let command =
            LoopDisk.leftAlone + """
                dir=$1 file=$2 lower=$3; shift 3
                mount --bind $dir/passwd /etc/passwd && mount --bind $dir/group /etc/group &&
                mount -t overlay overlay -o lowerdir=$lower/usr:/usr /usr &&
                exec /usr/sbin/exim4 -C $dir/exim.conf "$@" < $file
                """
        try HostProgram.run(
            "unshare",
            ["-m", "sh", "-c", command, "sh", directory.path, file, Self.unpacked.path, "-odi", "-oi", "-f", sender]
                + recipients)
        let log = (try? String(contentsOf: directory.appending(path: "log/mainlog"), encoding: .utf8)) ?? ""
        guard log.contains("Completed"), !log.contains(" ** ") else {
            throw TestFailure("exim has not sent it:\n\(log)")
        }
    }

    private func configuration(_ port: UInt16) -> String {
        """
        keep_environment =
        primary_hostname = sender.test
        spool_directory = \(directory.path)/spool
        log_file_path = \(directory.path)/log/%slog
        never_users =
        begin routers
        all:
          driver = manualroute
          route_list = * 127.0.0.1::\(port)
          self = send
          transport = out
        begin transports
        out:
          driver = smtp
          hosts_require_tls = *
        begin retry

        """
    }
}
