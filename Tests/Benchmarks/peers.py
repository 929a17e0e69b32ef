"""The servers that Layover is measured beside, each an instance of its own under the site's directory."""
import subprocess
import sys

from bench import DOMAIN, free_port


def start_sink(site):
    port = free_port()
    site.await_port("smtp-sink", site.start("smtp-sink", ["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "1000"]), port)
    return port


def start_postfix(site, tls=None):
    """An instance of its own: configuration, queue and data under the site's directory.

    `tls`: the files of a certificate and its key."""
    port = free_port()
    home = site.directory / "postfix"
    for name in ("etc", "queue", "data"):
        (home / name).mkdir(parents=True)
    subprocess.run(["chown", "postfix", str(home / "data")], check=True)
    (home / "etc/main.cf").write_text(f"""compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log
maillog_file_prefixes = {home}
myhostname = mx.{DOMAIN}
mydestination =
mynetworks =
relay_domains = {DOMAIN}
relay_recipient_maps =
inet_interfaces = loopback-only
alias_maps =
alias_database =
smtputf8_enable = no
message_size_limit = 26214400
default_process_limit = 200
smtpd_client_restrictions = check_client_access static:HOLD
smtpd_relay_restrictions = permit_auth_destination, reject
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
""" + (f"""smtpd_tls_security_level = may
smtpd_tls_cert_file = {tls[0]}
smtpd_tls_key_file = {tls[1]}
smtpd_tls_session_cache_database = btree:{home}/data/smtpd_scache
smtpd_client_new_tls_session_rate_limit = 0
""" if tls else ""))
    services = [f"127.0.0.1:{port} inet n - n - 200 smtpd", "pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup",
                "qmgr unix n - n 300 1 qmgr", "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce",
                "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "error unix - - n - - error",
                "retry unix - - n - - error", "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache",
                "tlsmgr unix - - n 1000? 1 tlsmgr", "proxymap unix - - n - - proxymap", "postlog unix-dgram n - n - 1 postlogd"]
    (home / "etc/master.cf").write_text("\n".join(services) + "\n")
    command = ["postfix", "-c", str(home / "etc")]
    started = subprocess.run([*command, "start"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if started.returncode != 0:
        sys.exit("postfix does not start:\n" + started.stdout.decode())
    site.at_end.append(lambda: subprocess.run([*command, "stop"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    return port


def start_layover(site, program, verb="receive", tls=None):
    port = free_port()
    process = site.start("layover", [program, verb, "--config", site.configure(port, tls=tls)])
    site.await_port("layover", process, port)
    return port


def verdict(value, least=None, most=None):
    """Whether the goal was reached; nothing where there is none."""
    if least is None and most is None:
        return ""
    reached = (least is None or value >= least) and (most is None or value <= most)
    return f" (goal {'at least' if most is None else 'at most'} {least if most is None else most:g}: {'reached' if reached else 'MISSED'})"
