public import Foundation

/// Debian's Courier, run for one test on loopback, with its file alteration monitor: the users it is given, password `test`. It knows
/// no master user.
///
/// Needs what `ServerPackages.obstacle` says. Must be stopped by whoever started it.
public final class ThrowawayCourier: TargetServer {
    public static let password = "test"

    public let port: Int
    public let directory: URL
    private let users: [String]
    private let server: ContainedServer

    /// - Parameter quota: how many bytes each user may keep; nil for no quota.
    public init(users: [String], quota: Int? = nil, connectionsPerAddress: Int = 100) throws {
        self.users = users
        port = try LoopbackPort.free()
        directory = URL(filePath: "/tmp/lu-\(UInt32.random(in: 0 ... .max))")
        let at = directory.path
        for folder in ["etc", "run/courier/authdaemon", "mail"] {
            try FileManager.default.createDirectory(
                at: directory.appending(path: folder), withIntermediateDirectories: true)
        }
        let text = users.map { "\($0)\tuid=8|gid=8|home=\(at)/mail/\($0)|mail=\(at)/mail/\($0)/Maildir\n" }.joined()
        try Data(text.utf8).write(to: directory.appending(path: "users"))
        // Its paths below /etc and /run are compiled in: it is given an /etc and a /run of its own.
        server = try ContainedServer(
            """
            if [ ! -e \(at)/etc/courier ]; then
              cp -a /etc/. \(at)/etc/
              mkdir -p \(at)/etc/courier
              cp -a $R/etc/courier/. \(at)/etc/courier/
              printf '%s\\n' 'authmodulelist="authuserdb"' 'authmodulelistorig="authuserdb"' daemons=2 \
                authdaemonvar=/run/courier/authdaemon DEBUG_LOGIN=0 'DEFAULTOPTIONS=""' >\(at)/etc/courier/authdaemonrc
              makedat=$R/usr/lib/courier/courier-authlib/makedatprog
              { cat \(at)/users; echo .; } | $makedat - \(at)/dat.tmp \(at)/etc/courier/userdb.dat
              hash=$(openssl passwd -1 \(Self.password))
              { cut -f1 \(at)/users | sed "s|\\$|\\timappw=$hash|"; echo .; } |
                $makedat - \(at)/dat.tmp \(at)/etc/courier/userdbshadow.dat
              cut -f1 \(at)/users | while read -r user; do
                mkdir \(at)/mail/$user
                $R/usr/bin/maildirmake.courier \(at)/mail/$user/Maildir
                \(quota.map { "$R/usr/bin/maildirmake.courier -q \($0)S \(at)/mail/$user/Maildir" } ?? ":")
              done
              chown -R mail:mail \(at)/mail
            fi
            mount --bind \(at)/etc /etc
            mount --bind \(at)/run /run
            rm -f /run/courier/authdaemon/socket
            set -a
            . /etc/courier/imapd
            IMAP_STARTTLS=NO GAMIN_DEBUG_SERVER=$R/usr/libexec/gam_server
            set +a
            $R/usr/lib/courier/courier-authlib/authdaemond &
            until [ -S /run/courier/authdaemon/socket ]; do sleep 0.01; done
            $R/usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=100 -maxperip=\(connectionsPerAddress) -nodnslookup \
              -noidentlookup \(port) $R/usr/lib/courier/courier/imaplogin $R/usr/bin/imapd Maildir
            """, in: directory)
    }

    public func start() throws { try server.start(port: port) }
    public func kill() { server.kill() }
    public func stop() { server.kill() }

    public func remove() {
        stop()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Gives a user another quota, in bytes; the server need not run.
    public func setQuota(_ bytes: Int, of user: String) throws {
        let maildir = directory.appending(path: "mail/\(user)/Maildir").path
        try HostProgram.run(
            "bash",
            [
                "-c",
                ServerPackages.shellEnvironment
                    + "$R/usr/bin/maildirmake.courier -q \(bytes)S \(maildir) && chown -R mail:mail \(maildir)",
            ])
    }

    public var passwords: String { users.map { "\($0) \(Self.password)\n" }.joined() }

    public var target: String {
        """
        host = "127.0.0.1"
        port = \(port)
        security = "none"
        login = "passwords"
        """
    }

    public func reader(_ user: String) throws -> MailboxReader {
        try MailboxReader(port: port, user: user, password: Self.password)
    }
}
