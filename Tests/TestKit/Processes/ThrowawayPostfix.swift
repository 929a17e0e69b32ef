public import Foundation

/// A Postfix that sends only: its own configuration, queue and log in a directory, everything relayed to one port over STARTTLS.
/// Needs root and Debian's `postfix`, whose own instance it does not touch. Must be stopped by whoever started it.
public final class ThrowawayPostfix: Sendable {
    private let configuration: String

    public init(in directory: URL, relayPort: UInt16) throws {
        configuration = directory.appending(path: "postfix").path
        let (queue, data) = (directory.path + "/postfix-queue", directory.path + "/postfix-data")
        for path in [configuration, queue, data] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try HostProgram.run("chown", ["postfix", data])
        try Data(
            """
            compatibility_level = 3.6
            queue_directory = \(queue)
            data_directory = \(data)
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = sender.test
            mydestination =
            inet_interfaces = loopback-only
            relayhost = [127.0.0.1]:\(relayPort)
            smtp_tls_security_level = encrypt
            smtp_host_lookup = native
            maillog_file = \(directory.path)/postfix.log
            maillog_file_prefixes = /tmp
            alias_maps =
            alias_database =
            local_recipient_maps =

            """.utf8
        ).write(to: URL(filePath: configuration + "/main.cf"))
        try Data(Self.services.utf8).write(to: URL(filePath: configuration + "/master.cf"))
        try HostProgram.run("postfix", ["-c", configuration, "start"])
    }

    /// Queues a mail; Postfix sends it on its own.
    public func send(_ file: String, from sender: String, to recipients: [String]) throws {
        try HostProgram.run(
            "sh",
            [
                "-c", "file=$1; shift; exec sendmail \"$@\" < \"$file\"", "sh", file, "-C", configuration, "-i", "-f",
                sender,
            ]
                + recipients)
    }

    public func stop() { _ = try? HostProgram.run("postfix", ["-c", configuration, "stop"]) }

    private static let services = """
        pickup    unix  n - n 60    1 pickup
        cleanup   unix  n - n -     0 cleanup
        qmgr      unix  n - n 300   1 qmgr
        rewrite   unix  - - n -     - trivial-rewrite
        tlsmgr    unix  - - n 1000? 1 tlsmgr
        bounce    unix  - - n -     0 bounce
        defer     unix  - - n -     0 bounce
        trace     unix  - - n -     0 bounce
        flush     unix  n - n 1000? 0 flush
        proxymap  unix  - - n -     - proxymap
        smtp      unix  - - n -     - smtp
        error     unix  - - n -     - error
        retry     unix  - - n -     - error
        scache    unix  - - n -     1 scache
        postlog   unix-dgram n - n - 1 postlogd

        """
}
