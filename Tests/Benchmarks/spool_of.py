"""Writes segments as the receiver does, but fast: N held messages for the benchmarks that need very many.

The format is that of Sources/Spool/Spool.docc/Durability.md, written a second time on purpose: a reader that only understood its own
writer would be noticed here.
"""
import base64
import hashlib
import os
import random

SEGMENT = 64 << 20
GROUP = 100
SENDERS, RECIPIENTS = 200_000, 20_000
CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
START = 1_790_000_000_000
DAY = 86_400_000


def sha256(data):
    return hashlib.sha256(data).hexdigest().encode()


def rfc3339(milliseconds):
    """UTC, without a library call for each message."""
    days, rest = divmod(milliseconds, DAY)
    if days not in rfc3339.dates:
        import datetime
        rfc3339.dates[days] = (datetime.date(1970, 1, 1) + datetime.timedelta(days)).isoformat()
    seconds, fraction = divmod(rest, 1000)
    return "%sT%02d:%02d:%02d.%03dZ" % (rfc3339.dates[days], seconds // 3600, seconds // 60 % 60, seconds % 60, fraction)


rfc3339.dates = {}


def time_digits(milliseconds):
    digits = ""
    for _ in range(10):
        digits = ALPHABET[milliseconds & 31] + digits
        milliseconds >>= 5
    return digits.encode()


class HeldMail:
    """Appends messages of about `size` octets to a spool: 20,000 recipients, 200,000 senders, every Message-ID different."""

    def __init__(self, spool, domain, size=600, seed=1):
        self.segments = spool / "segments"
        self.segments.mkdir(parents=True, exist_ok=True)
        for name in ("large", "journal", "locks"):
            (spool / name).mkdir(exist_ok=True)
        self.domain, self.size, self.random = domain, size, random.Random(seed)
        self.segment = self.messages = self.received = 0
        self.file = None

    def _open(self, now):
        if self.file:
            self.file.close()
        self.segment += 1
        self.nonce = b"%016x" % self.random.getrandbits(64)
        self.file = open(self.segments / ("%08d.seg" % self.segment), "wb", buffering=1 << 20)
        line = b"LAYOVER1 segment %08d %s %s " % (self.segment, self.nonce, rfc3339(now).encode())
        line += sha256(line)[:16] + b"\n"
        self.file.write(line)
        self.offset = self.synced = len(line)

    def append(self, count):
        """Ends as a kill does: the last segment has no seal."""
        for _ in range(count):
            self._append(self.messages)
            self.messages += 1
        self.file.flush()
        os.fsync(self.file.fileno())

    def _append(self, number):
        now = START + number * 50
        if self.file is None or self.offset >= SEGMENT:
            self._open(now)
        if number % GROUP == 0:
            self.synced = self.offset
        name = time_digits(now) + base64.b32encode(self.random.randbytes(10)).translate(CROCKFORD)
        chosen = self.random.getrandbits(48)
        sender, recipient = b"s%d@sender.test" % (chosen % SENDERS), b"u%d@%s" % (chosen // 7 % RECIPIENTS, self.domain.encode())
        at = rfc3339(now).encode()
        envelope = (b"Received-At: %s\nSender: %s\nRecipient: %s\nClient: 192.0.2.%d\nHelo: mail%d.sender.test\nWith: ESMTPS\n"
                    b"TLS: TLSv1.3 TLS_AES_256_GCM_SHA384\n\n" % (at, sender, recipient, chosen % 250, chosen % 500))
        message = (b"Received: from mail%d.sender.test ([192.0.2.%d]) by mx.%s with ESMTPS id %s; %s\r\nFrom: Somebody <%s>\r\nTo: %s\r\n"
                   b"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= and a subject of usual length, number %d\r\nMessage-ID: <%x.%d@sender.test>\r\n\r\n"
                   % (chosen % 500, chosen % 250, self.domain.encode(), name, at, sender, recipient, number, chosen, number))
        message += (b"x" * 70 + b"\r\n") * max(1, (self.size - len(message)) // 72)
        line = b"LAYOVER1 %s M %s %08d %014d %s %014d " % (self.nonce, name, len(envelope), len(message), sha256(message), self.synced)
        line += sha256(line + envelope) + b" "
        line += sha256(line)[:16] + b"\n"
        self.file.write(line + envelope + message + b"\n")
        self.offset += len(line) + len(envelope) + len(message) + 1
        self.received += len(message)
        if number == 0 or number % 1000 == 500:
            self.sample = dict(id=name.decode(), sender=sender.decode(), recipient=recipient.decode(), at=now,
                               message_id="%x.%d@sender.test" % (chosen, number), subject="number %d" % number)
