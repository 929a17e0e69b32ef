import Foundation
import TestKit
import Testing

@Suite("A log that nobody reads")
struct BlockedLogTests {
    /// Reads the log up to the line that tells the port and never again; the pipe takes 64 KiB, so it is full soon.
    private static let script = """
        import smtplib, subprocess, sys
        binary, configuration = sys.argv[1:]
        process = subprocess.Popen([binary, "receive", "--config", configuration], stderr=subprocess.PIPE, bufsize=0)
        port = None
        while port is None:
            line = process.stderr.readline().decode()
            if " listening " in line: port = int(line.split("address=")[1].split()[0].rsplit(":", 1)[1])
        accepted = 0
        client = smtplib.SMTP("127.0.0.1", port, timeout=30); client.ehlo()
        for number in range(1000):
            client.sendmail("sender-with-a-long-name@b.test", ["u@example.test"], b"Subject: x\\r\\n\\r\\nbody\\r\\n")
            accepted += 1
        client.quit(); process.terminate()
        print(accepted, process.wait(30))
        """

    @Test("Mail is taken while the log is full, and the receiver still ends in order")
    func blocked() async throws {
        try await onThreadOfItsOwn {
            let site = try LayoverSite.receiving()
            defer { site.remove() }
            let script = try site.write(Self.script, to: "reader.py")
            let process = try ChildProcess(
                "/usr/bin/env", ["python3", script, try LayoverBinary.path(), site.configurationFile.path],
                standardOutput: site.directory.appending(path: "reader.out"),
                standardError: site.directory.appending(path: "reader.err"))
            let ending = try process.wait(within: .seconds(90))
            #expect(ending == .exited(0), "\(process.errorText)")
            #expect(process.outputText == "1000 0\n", "\(process.errorText)")
        }
    }
}
