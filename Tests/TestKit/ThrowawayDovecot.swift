public import Foundation

/// Debian's Dovecot, run for one test on loopback: any user, password `test`; master user `migrator`, password `master`; sdbox.
///
/// Needs `dovecot-imapd` and, for `tls`, `openssl`. Runs as root or not at all; see `isAvailable`. Must be stopped by whoever started it.
public final class ThrowawayDovecot: @unchecked Sendable {
    // Safe because everything is set once in init but `master`, which only the one test that owns the server touches, in turn.

    /// Port of IMAP in clear, with STARTTLS where `tls` was asked for.
    public let port: Int
    /// Port of IMAP over TLS; nil without `tls`.
    public let tlsPort: Int?
    public let directory: URL
    /// The certificate of the authority that signed the server's, which is for `localhost` and 127.0.0.1.
    public var authorityFile: String { directory.appending(path: "ca.pem").path }
    public static let masterUser = "migrator"
    public static let masterPassword = "master"
    public static let userPassword = "test"

    private let format: String
    private var isRunning = false

    public static var isAvailable: Bool {
        getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/sbin/dovecot")
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Writes configuration and certificates.
    ///
    /// - Parameters:
    ///   - format: how mail is stored: `sdbox`, `mdbox` or `maildir`.
    ///   - settings: appended to dovecot.conf.
    public init(tls: Bool = false, format: String = "sdbox", settings: String = "") throws {
        self.format = format
        // Dovecot's login sockets need a short path.
        directory = URL(filePath: "/tmp/ld-\(UInt32.random(in: 0 ... .max))")
        port = try LoopbackPort.free()
        tlsPort = tls ? try LoopbackPort.free() : nil
        let files = FileManager.default
        for name in ["run", "state", "mail"] {
            try files.createDirectory(at: directory.appending(path: name), withIntermediateDirectories: true)
        }
        try HostProgram.run("chmod", ["755", directory.path])
        try HostProgram.run("chown", ["dovecot:dovecot", directory.appending(path: "mail").path])
        try Data("migrator:{PLAIN}master\n".utf8).write(to: directory.appending(path: "masters"))
        if tls { try makeCertificates() }
        try Data((configuration + settings + "\n").utf8).write(to: configurationFile)
    }

    /// When this returns, the server answers.
    public func start() throws {
        // The daemon inherits what is open: a pipe would never end, nor a lock of whoever runs the tests.
        let closeAll = #"for f in /proc/self/fd/*; do n=${f##*/}; [ "$n" -gt 2 ] && eval "exec $n>&-"; done; "#
        let arguments = ["-c", closeAll + #"exec /usr/sbin/dovecot -c "$0""#, configurationFile.path]
        // After a kill the port may be taken for a moment: by a child that is not gone yet, or by a client that connected to itself.
        for attempt in 1... {
            do {
                try HostProgram.run("bash", arguments)
                break
            } catch  where attempt < 100 {
                usleep(50_000)
            }
        }
        isRunning = true
        for _ in 0..<500 {
            if LoopbackPort.answers(port) { return }
            usleep(10_000)
        }
        throw Failure(description: "Dovecot does not answer: \(log)")
    }

    /// Ends it in order. When this returns, the master process is gone.
    public func stop() {
        guard isRunning else { return }
        end(SIGTERM)
    }

    /// Kills the master and every process it started, as a power cut would. `start` brings it back on the same port.
    public func kill() {
        guard isRunning else { return }
        end(SIGKILL)
    }

    /// Stops it and removes what it stored.
    public func remove() {
        stop()
        try? FileManager.default.removeItem(at: directory)
    }

    /// What Dovecot logged.
    public var log: String { (try? String(contentsOf: directory.appending(path: "log"), encoding: .utf8)) ?? "" }

    /// Runs `doveadm` with this server's configuration and returns what it printed.
    @discardableResult
    public func doveadm(_ arguments: [String]) throws -> Data {
        Data(try HostProgram.finish("doveadm", ["-c", configurationFile.path] + arguments).successful().outputBytes)
    }

    /// The messages of a mailbox, whole, as IMAP would give them, in the order of their UIDs.
    public func messages(user: String, mailbox: String = "INBOX") throws -> [Data] {
        let separator = Data("text:\n".utf8)
        let printed = try doveadm(["fetch", "-u", user, "text", "mailbox", mailbox])
        var messages: [Data] = []
        var rest = printed[...]
        while rest.starts(with: separator) {
            rest = rest.dropFirst(separator.count)
            // doveadm ends each message with a form feed on a line of its own.
            guard let end = rest.firstRange(of: Data("\n\u{0C}\n".utf8)) else { break }
            messages.append(Data(rest[..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return messages
    }

    private var configurationFile: URL { directory.appending(path: "dovecot.conf") }

    private func end(_ signal: Int32) {
        isRunning = false
        guard let text = try? String(contentsOf: directory.appending(path: "run/master.pid"), encoding: .utf8),
            let master = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return }
        let children = Self.children(of: master)
        Foundation.kill(master, signal)
        if signal == SIGKILL { for child in children { Foundation.kill(child, signal) } }
        for _ in 0..<1000 where ([master] + children).contains(where: Self.isAlive) { usleep(10_000) }
        try? FileManager.default.removeItem(at: directory.appending(path: "run/master.pid"))
    }

    private static func children(of parent: pid_t) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { process($0)?.parent == parent }
    }

    /// A process that has ended and that nobody has waited for is gone too; in a container it may stay so for ever.
    private static func isAlive(_ id: pid_t) -> Bool {
        guard let state = process(id)?.state else { return false }
        return state != "Z" && state != "X"
    }

    private static func process(_ id: pid_t) -> (state: Substring, parent: pid_t?)? {
        guard let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let close = status.lastIndex(of: ")")
        else { return nil }
        // After the name in brackets: state, then the parent's id.
        let fields = status[close...].split(separator: " ")
        return fields.count > 2 ? (fields[1], pid_t(fields[2])) : nil
    }

    private var configuration: String {
        """
        base_dir = \(directory.path)/run
        state_dir = \(directory.path)/state
        log_path = \(directory.path)/log
        protocols = imap
        listen = 127.0.0.1
        disable_plaintext_auth = no
        auth_master_user_separator = *
        auth_mechanisms = plain login
        auth_username_format = %Lu
        auth_failure_delay = 0
        mail_location = \(format):\(directory.path)/mail/%u
        first_valid_uid = 1
        mail_uid = dovecot
        mail_gid = dovecot
        mail_max_userip_connections = 100
        namespace inbox {
          inbox = yes
          separator = /
        }
        passdb {
          driver = passwd-file
          master = yes
          args = \(directory.path)/masters
          pass = yes
        }
        passdb {
          driver = static
          args = password=test
        }
        userdb {
          driver = static
          args = uid=dovecot gid=dovecot home=\(directory.path)/mail/%u
        }
        service imap-login {
          inet_listener imap {
            port = \(port)
          }
          inet_listener imaps {
            port = \(tlsPort ?? 0)
            ssl = yes
          }
        }
        \(tlsPort == nil ? "ssl = no" : "ssl = yes\nssl_cert = <\(directory.path)/cert.pem\nssl_key = <\(directory.path)/key.pem")

        """
    }

    private func makeCertificates() throws {
        let at = directory.path
        try HostProgram.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Test CA", "-keyout",
                "\(at)/ca.key", "-out", "\(at)/ca.pem",
            ])
        try HostProgram.run(
            "openssl",
            [
                "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "\(at)/key.pem", "-out",
                "\(at)/request.pem",
            ])
        try Data("subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n".utf8)
            .write(to: directory.appending(path: "extensions"))
        try HostProgram.run(
            "openssl",
            [
                "x509", "-req", "-in", "\(at)/request.pem", "-CA", "\(at)/ca.pem", "-CAkey", "\(at)/ca.key",
                "-CAcreateserial", "-days", "2",
                "-extfile", "\(at)/extensions", "-out", "\(at)/cert.pem",
            ])
    }
}
