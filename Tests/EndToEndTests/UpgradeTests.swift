import Foundation
import TestKit
import Testing

@Suite("An upgrade with the real binary and a socket that is handed over")
struct UpgradeTests {
    /// Plays systemd: holds the listening socket and the notify socket, starts one receiver, then a second beside it, ends the
    /// first, and the second, while five senders connect anew for each message. Prints what it was told, and each id of a 250.
    private static let supervisor = """
        import os, smtplib, socket, subprocess, sys, threading, time
        binary, configuration, directory = sys.argv[1:]
        listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(1024)
        port = listener.getsockname()[1]
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); notify.bind("\\0layover-upgrade-%d" % os.getpid())
        notify.settimeout(40)
        environment = dict(os.environ, NOTIFY_SOCKET="@layover-upgrade-%d" % os.getpid(), LISTEN_FDS="1", LISTEN_FDNAMES="smtp",
                           WATCHDOG_USEC="400000")
        def start(name):
            def prepare():
                os.dup2(listener.fileno(), 3); os.environ["LISTEN_PID"] = str(os.getpid())
            # The shell keeps its process id in exec, which is how LISTEN_PID can be the receiver's.
            return subprocess.Popen(["sh", "-c", 'LISTEN_PID=$$ exec "$0" receive --config "$1"', binary, configuration],
                env=environment, pass_fds=[3], preexec_fn=lambda: os.dup2(listener.fileno(), 3),
                stderr=open(directory + "/" + name + ".log", "wb"))
        def until(word):
            while True:
                lines = notify.recv(4096).decode().split("\\n")
                if word in lines: return
        ids, refused, over, guard = [], [], threading.Event(), threading.Lock()
        def send(number):
            while not over.is_set():
                try:
                    client = smtplib.SMTP("127.0.0.1", port, timeout=40)
                    client.ehlo(); client.mail("a@b.test"); client.rcpt("u@example.test"); client.putcmd("data")
                    if client.getreply()[0] == 354:
                        client.send(b"Subject: x\\r\\n\\r\\nbody\\r\\n.\\r\\n"); code, text = client.getreply()
                        if code == 250:
                            with guard: ids.append(text.split()[-1].decode())
                    client.close()
                except ConnectionRefusedError as error: refused.append(str(error))
                except (smtplib.SMTPException, OSError): pass
        def some_more():
            count = len(ids) + 50
            while len(ids) < count: time.sleep(0.01)
        while True:
            # Descriptor 3 must be free for the listening socket.
            spare = os.open("/dev/null", os.O_RDONLY)
            if spare > 3: break
        first = start("first"); until("READY=1")
        threads = [threading.Thread(target=send, args=[n]) for n in range(5)]
        for thread in threads: thread.start()
        some_more()
        second = start("second"); until("STATUS=waiting for another receiver to give the spool up")
        some_more(); until("WATCHDOG=1")
        first.terminate(); until("STOPPING=1"); status = [first.wait(40)]; until("READY=1")
        some_more(); over.set()
        for thread in threads: thread.join()
        second.terminate(); status.append(second.wait(40))
        print("refused", len(refused)); print("status", *status)
        for id in ids: print("id", id)
        """

    @Test("No connection is refused, both end with 0, and every message that was acknowledged is in the spool")
    func handover() async throws {
        try await onThreadOfItsOwn {
            let site = try LayoverSite.receiving()
            defer { site.remove() }
            let script = try site.write(Self.supervisor, to: "supervisor.py")
            let process = try ChildProcess(
                "/usr/bin/env",
                ["python3", script, try LayoverBinary.path(), site.configurationFile.path, site.directory.path],
                standardOutput: site.directory.appending(path: "supervisor.out"),
                standardError: site.directory.appending(path: "supervisor.err"))
            let ending = try process.wait(within: .seconds(120))
            let logs = ["first", "second"].map {
                (try? String(contentsOf: site.directory.appending(path: "\($0).log"), encoding: .utf8))?.suffix(2_000)
                    ?? ""
            }
            try #require(ending == .exited(0), "\(process.errorText) \(logs)")
            let lines = process.outputText.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(lines.contains(["refused", "0"]) && lines.contains(["status", "0", "0"]), "\(logs)")
            let acknowledged = Set(lines.filter { $0.first == "id" }.compactMap(\.last))
            #expect(acknowledged.count > 150)
            let audit = try site.run(["audit", "--format", "json", "--limit", "100000"])
            let stored = Set(audit.output.matches(of: /"id":\s*"([0-9a-z]{26})"/).map { String($0.1) })
            #expect(acknowledged.subtracting(stored).isEmpty, "\(audit.errors)")
        }
    }
}
