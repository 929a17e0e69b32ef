"""What the benchmarks share: processes on loopback in a directory of their own, ended by their ids, and a clock."""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = TOP / "etc/quickstart.d"
DOMAIN = "example.test"
# The key that most certificates have today, and the one that many still have, as `openssl req -newkey` is told.
KEYS = {"P-256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "RSA 2048": ["rsa:2048"]}


def install(*packages):
    subprocess.run([SCRIPTS / "install-packages", *packages], check=True)


def binary():
    """A release build of layover, or LAYOVER_BINARY: a debug build says nothing about speed."""
    given = os.environ.get("LAYOVER_BINARY")
    if given:
        return given
    shown = subprocess.run(["bash", TOP / "etc/build"], check=True, stdout=subprocess.PIPE)
    return shown.stdout.decode().strip()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


def seconds(command, **options):
    """Wall-clock seconds of a command that must succeed."""
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
    return time.monotonic() - start


class Site:
    """A directory under /tmp and the processes in it; both are gone at the end of the `with`."""

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="layover-bench-", dir="/tmp"))
        self.directory.chmod(0o711)
        self.processes = []
        self.at_end = []
        return self

    def __exit__(self, *_):
        for action in reversed(self.at_end):
            action()
        for process in self.processes:
            self.end(process)
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, name, command):
        with open(self.directory / f"{name}.log", "ab") as log:
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    @staticmethod
    def end(process):
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def await_port(self, name, process, port, limit=60):
        """Seconds until the port answers."""
        start = time.monotonic()
        while time.monotonic() - start < limit:
            if process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), 5).close()
                return time.monotonic() - start
            except OSError:
                time.sleep(0.001)
        sys.exit(f"{name} does not answer on port {port}:\n" + (self.directory / f"{name}.log").read_text()[-2000:])

    def dovecot(self):
        """Starts a throw-away Dovecot; returns its port of IMAP in clear."""
        tls, port = free_port(), free_port()
        process = self.start("dovecot", [SCRIPTS / "throwaway-dovecot", self.directory / "dovecot", tls, port])
        self.await_port("dovecot", process, port)
        return port

    def certificate(self, key="P-256"):
        """A self-signed certificate with a key of this kind; returns the files of both."""
        files = self.directory / "certificate.pem", self.directory / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", *KEYS[key], "-nodes", "-days", "2", "-subj", f"/CN=mx.{DOMAIN}",
                        "-out", files[0], "-keyout", files[1]], check=True, stderr=subprocess.DEVNULL)
        return files

    def configure(self, smtp, imap=143, connections=4, tls=None):
        """Writes Layover's configuration and returns its path. The log has one line a message, as Postfix's has more than one."""
        password = self.directory / "dovecot/master-password"
        if not password.exists():
            password.parent.mkdir(exist_ok=True)
            password.write_text("none\n")
        file = self.directory / "layover.toml"
        tls_section = f'[receive.tls]\ncertificate = "{tls[0]}"\nkey = "{tls[1]}"' if tls else ""
        file.write_text(f"""hostname = "mx.{DOMAIN}"
[spool]
directory = "{self.directory}/spool"
[receive]
listen = ["127.0.0.1:{smtp}"]
status_listen = "off"
domains = ["{DOMAIN}"]
max_sessions = 2000
{tls_section}
[targets.new]
host = "127.0.0.1"
port = {imap}
security = "none"
kind = "dovecot"
master_user = "migrator"
password_file = "{password}"
connections = {connections}
[console]
listen = "127.0.0.1:{free_port()}"
[log]
level = "notice"
""")
        return file


def smtp_source(port, messages, sessions, size, *flags, to=f"u@{DOMAIN}"):
    """Offers a load of Postfix's smtp-source; returns messages a second. With -d, `sessions` connections are kept open."""
    took = seconds(["smtp-source", *flags, "-s", str(sessions), "-m", str(messages), "-l", str(size), "-f", "a@sender.test",
                    "-t", to, f"127.0.0.1:{port}"])
    return messages / took


def resident_mib(process):
    for line in open(f"/proc/{process.pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
