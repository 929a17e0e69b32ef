public import Foundation

/// Debian's Cyrus, run for one test on loopback: any user, made at the first login; the administrator `migrator`, password `master`,
/// logs in for every one of them (authzid).
///
/// Needs what `ServerPackages.obstacle` says. Must be stopped by whoever started it.
public final class ThrowawayCyrus: TargetServer {
    public static let administrator = "migrator"
    public static let password = "master"

    public let port: Int
    public let directory: URL
    private let server: ContainedServer

    /// - Parameters:
    ///   - settings: lines for imapd.conf, before which those that it repeats are left out.
    ///   - internalNames: the folders stand below INBOX, as Debian sets it up: `INBOX.Sent`.
    public init(settings: String = "", internalNames: Bool = false) throws {
        port = try LoopbackPort.free()
        // Sockets need a short path.
        directory = URL(filePath: "/tmp/lc-\(UInt32.random(in: 0 ... .max))")
        let at = directory.path
        let folders = [
            "db", "proc", "socket", "lock", "log", "msg", "ptclient", "quota", "sieve", "sync", "user", "backup",
        ]
        for folder in folders.map({ "conf/" + $0 }) + ["mail"] {
            try FileManager.default.createDirectory(
                at: directory.appending(path: folder), withIntermediateDirectories: true)
        }
        let names = Set(settings.split(separator: "\n").compactMap { $0.split(separator: ":").first })
        let defaults = Self.configuration(at, internalNames).split(separator: "\n").filter { line in
            !names.contains(line.split(separator: ":").first ?? "")
        }
        try Data((defaults.joined(separator: "\n") + "\n" + settings + "\n").utf8)
            .write(to: directory.appending(path: "imapd.conf"))
        try Data(Self.services(at, port).utf8).write(to: directory.appending(path: "cyrus.conf"))
        // The administrator is of no domain, so of the realm of the server's own name.
        server = try ContainedServer(
            """
            if [ ! -e \(at)/sasldb2 ]; then
              printf %s \(Self.password) | $R/usr/sbin/saslpasswd2 -p -c -f \(at)/sasldb2 -u localhost \(Self.administrator)
              chown -R mail:mail \(at)
            fi
            exec $R/usr/lib/cyrus/bin/master -C \(at)/imapd.conf -M \(at)/cyrus.conf -p \(at)/master.pid -D
            """, in: directory)
    }

    public func start() throws { try server.start(port: port) }
    public func kill() { server.kill() }
    public func stop() { server.kill() }

    public func remove() {
        stop()
        try? FileManager.default.removeItem(at: directory)
    }

    public var passwords: String { Self.password + "\n" }

    public var target: String {
        """
        host = "127.0.0.1"
        port = \(port)
        security = "none"
        login = "authzid"
        master_user = "\(Self.administrator)"
        """
    }

    public func reader(_ user: String) throws -> MailboxReader {
        try MailboxReader(port: port, user: user, admin: Self.administrator, password: Self.password)
    }

    public func stored(_ content: [UInt8]) -> [UInt8] {
        let above = Array("X: y\r\n".utf8)
        return Array(ServerByteRules.cyrus(above + content).dropFirst(above.count))
    }

    /// As the administrator himself: to set quotas.
    public func administrate() throws -> MailboxReader {
        try MailboxReader(port: port, user: Self.administrator, admin: Self.administrator, password: Self.password)
    }

    private static func configuration(_ at: String, _ internalNames: Bool) -> String {
        """
        configdirectory: \(at)/conf
        proc_path: \(at)/conf/proc
        mboxname_lockpath: \(at)/conf/lock
        defaultpartition: default
        partition-default: \(at)/mail
        servername: localhost
        cyrus_user: mail
        cyrus_group: mail
        altnamespace: \(internalNames ? "no" : "yes")
        unixhierarchysep: \(internalNames ? "no" : "yes")
        virtdomains: userid
        defaultdomain: internal
        admins: \(administrator)
        allowplaintext: yes
        sasl_pwcheck_method: auxprop
        sasl_auxprop_plugin: sasldb
        sasl_sasldb_path: \(at)/sasldb2
        sasl_mech_list: PLAIN
        autocreate_quota: 0
        autocreate_post: yes
        umask: 077
        hashimapspool: true
        idlesocket: \(at)/conf/socket/idle
        notifysocket: \(at)/conf/socket/notify
        lmtpsocket: \(at)/conf/socket/lmtp
        """
    }

    private static func services(_ at: String, _ port: Int) -> String {
        let bin = ServerPackages.root + "/usr/lib/cyrus/bin"
        return """
            START {
              recover cmd="\(bin)/ctl_cyrusdb -C \(at)/imapd.conf -r"
            }
            SERVICES {
              imap cmd="\(bin)/imapd -C \(at)/imapd.conf" listen="127.0.0.1:\(port)" prefork=1 maxchild=100
            }
            EVENTS {
            }

            """
    }
}
