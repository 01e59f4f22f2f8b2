"""traffic - a mail log -> what was received, delivered, deferred, bounced and turned away, counted as pflogsumm counts.

A mail is received once, delivered once for each recipient; a size belongs to a mail until the log ends.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.log_line import LogLine, read_lines
from harness.rejection import host_of, lower, rejection

RECEIVED, DELIVERED, DEFERRED, BOUNCED, REJECTED = range(5)  # columns of the hour and day tables

_CLEANUP = re.compile(
    r".*?/cleanup\[\d+\]: .*?\b((?:milter-)?reject|warning|hold|discard): (header|body|END-OF-MESSAGE) (.*)", re.ASCII
)
_CLEANUP_END = re.compile(r"( from \S+?)?; from=<.*")
_CLIENT = re.compile(r"\[\d+\]: \w+: client=(.+?)(?:,|$)", re.ASCII)
_TURNED = re.compile(r"\[\d+\]: \w+: (reject(?:_warning)?|hold|discard): ", re.ASCII)
_ACTIVE = re.compile(r"from=<([^>]*)>, size=(\d+)", re.ASCII)
_STATUS = re.compile(
    r"to=<([^>]*)>, (?:orig_to=<[^>]*>, )?relay=([^,]+), (?:conn_use=[^,]+, )?delay=([^,]+), (?:delays=[^,]+, )?"
    r"(?:dsn=[^,]+, )?status=(\S+)(.*)"
)
_DEFERRAL = re.compile(r", status=deferred \(([^)]+)")
_BOUNCE = re.compile(r", status=bounced \((.+)\)")
_CODE = re.compile(r"\d{3} ", re.ASCII)
_PICKUP = re.compile(r": (?:sender|uid)=")
_CONNECT = (
    re.compile(r".* connect to (\S+?): ([^;]+); address \S+ port.*"),
    re.compile(r".* connect to ([^\[]+)\[\S+?\]: (.+?) \(port \d+\)", re.ASCII),
)
_TROUBLE = ("warning", "fatal", "panic")
_KINDS = {"reject": "rejects", "milter-reject": "rejects", "reject_warning": "warnings", "warning": "warnings",
          "hold": "holds", "discard": "discards"}  # fmt: skip

Nested = dict[str, dict[str, Counter[str]]]  # command, reason, because of whom
Details = dict[str, Counter[str]]


@dataclass(slots=True)
class Account:
    """What one sender, recipient or domain had: mails, bytes, deferrals, seconds of delay in all and at most."""

    count: int = 0
    size_bytes: int = 0
    deferrals: int = 0
    delay_s: float = 0.0
    longest_s: float = 0.0


@dataclass(slots=True)
class Traffic:
    """Everything that was counted."""

    received: int = 0
    delivered: int = 0
    forwarded: int = 0
    deferred: int = 0  # mails
    deferrals: int = 0
    bounced: int = 0
    turned: Counter[str] = field(default_factory=Counter)  # rejects, warnings, holds, discards
    bytes_received: int = 0
    bytes_delivered: int = 0
    senders: dict[str, Account] = field(default_factory=dict)
    sending_domains: dict[str, Account] = field(default_factory=dict)
    recipients: dict[str, Account] = field(default_factory=dict)
    recipient_domains: dict[str, Account] = field(default_factory=dict)
    hours: list[list[int]] = field(default_factory=lambda: [[0] * 5 for _ in range(24)])
    days: dict[tuple[int, int], dict[int, int]] = field(default_factory=dict)  # (month from 0, day) -> column -> count
    day_count: int = 0  # changes of the day
    no_size: dict[str, str] = field(default_factory=dict)  # queue id -> recipient
    deferral_details: Details = field(default_factory=dict)  # program
    bounce_details: Details = field(default_factory=dict)  # relay
    turned_details: dict[str, Nested] = field(default_factory=dict)
    smtp_failures: Details = field(default_factory=dict)  # reason -> host
    troubles: dict[str, Details] = field(default_factory=dict)  # warning, fatal, panic -> program -> text
    master: Counter[str] = field(default_factory=Counter)


def count_traffic(lines: Iterable[str]) -> Traffic:
    """Count a log.  A line of no known form is passed over."""
    counting = _Counting(Traffic())
    for line in read_lines(lines):
        if line.program != "ravmd":
            counting.line(line)
    return counting.traffic


class _Counting:
    """What must be remembered between lines."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self.last_day = 0
        self.sizes: dict[str, int] = {}
        self.from_host: dict[str, str] = {}  # queue id -> whence the mail came, until its sender is known
        self.deferred: set[str] = set()

    def line(self, line: LogLine) -> None:
        """Count one line."""
        if line.day != self.last_day:
            self.last_day = line.day
            self.traffic.day_count += 1
        if line.program == "cleanup" and (turned := _CLEANUP.fullmatch(line.whole)):
            self._content(line, turned)
        elif line.about in _TROUBLE:
            text = line.whole.rpartition(f"{line.about}: ")[2]
            details = self.traffic.troubles.setdefault(line.about, {})
            details.setdefault(line.program, Counter())[shortened(text, 66)] += 1
        elif line.about in ("reject", "reject_warning", "hold", "discard"):
            self._turned(line, line.about)
        elif line.program == "master":
            self.traffic.master[line.whole.rpartition(": ")[2]] += 1
        elif line.program in ("smtpd", "postscreen"):
            self._smtpd(line)
        else:
            self._queue(line)

    def _tick(self, line: LogLine, column: int) -> None:
        self.traffic.hours[line.hour][column] += 1
        day = self.traffic.days.setdefault((line.month, line.day), {})
        day[column] = day.get(column, 0) + 1

    def _content(self, line: LogLine, turned: re.Match[str]) -> None:
        """header_checks, body_checks and milters, which speak through cleanup."""
        kind = _KINDS[turned[1]]
        what = shortened(_CLEANUP_END.sub("", turned[3], count=1), 64)
        self.traffic.turned[kind] += 1
        self._detail(kind, line.program, turned[2], what)
        self._tick(line, REJECTED)

    def _turned(self, line: LogLine, word: str) -> None:
        kind = _KINDS[word]
        self.traffic.turned[kind] += 1
        self._tick(line, REJECTED)
        if (found := rejection(line.whole)) is not None:
            self._detail(kind, found.command, found.reason, found.because_of)

    def _detail(self, kind: str, command: str, reason: str, because_of: str) -> None:
        reasons = self.traffic.turned_details.setdefault(kind, {}).setdefault(command, {})
        reasons.setdefault(reason, Counter())[because_of] += 1

    def _smtpd(self, line: LogLine) -> None:
        if client := _CLIENT.search(line.whole):
            self._received(line, host_of(client[1]))
        elif turned := _TURNED.search(line.whole):
            self._turned(line, turned[1])

    def _received(self, line: LogLine, host: str) -> None:
        self._tick(line, RECEIVED)
        self.traffic.received += 1
        self.from_host[line.about] = host

    def _queue(self, line: LogLine) -> None:
        """qmgr, the delivery agents, and pickup."""
        if active := _ACTIVE.search(line.whole):
            self._active(line.about, active[1], int(active[2]))
        elif status := _STATUS.search(line.whole):
            self._status(line, *status.groups())
        elif line.program == "pickup" and _PICKUP.search(line.whole):
            self._received(line, "pickup")
        elif line.program == "smtp":
            failed = next((found for pattern in _CONNECT if (found := pattern.fullmatch(line.whole))), None)
            if failed is not None:
                self.traffic.smtp_failures.setdefault(lower(failed[2]), Counter())[failed[1]] += 1

    def _active(self, queue_id: str, sender: str, size: int) -> None:
        if self.sizes.get(queue_id):
            return  # every try of a delivery says it anew
        self.sizes[queue_id] = size
        address = _address(sender) if sender else "from=<>"
        host = self.from_host.pop(queue_id, "")
        if not host:
            return  # a bounce or a forward: nobody sent it to us
        local, at, domain = address.partition("@")
        if not (local and at and domain):
            domain = address if host == "pickup" else host
        for accounts, key in ((self.traffic.sending_domains, domain), (self.traffic.senders, address)):
            account = accounts.setdefault(key, Account())
            account.count += 1
            account.size_bytes += size
        self.traffic.bytes_received += size

    def _status(self, line: LogLine, to: str, relay: str, delay: str, status: str, rest: str) -> None:
        address = _address(to)
        local, at, domain = address.partition("@")
        domain = domain if local and at else address
        match status:
            case "sent":
                self._sent(line, address, domain, _seconds(delay), rest)
            case "deferred":
                self._deferred(line, domain, _seconds(delay))
            case "bounced":
                self._tick(line, BOUNCED)
                self.traffic.bounced += 1
                reason = _BOUNCE.search(line.whole)
                text = _uncoded(said(reason[1], 66)) if reason else ""
                self.traffic.bounce_details.setdefault(relay, Counter())[text] += 1

    def _sent(self, line: LogLine, address: str, domain: str, delay_s: float, rest: str) -> None:
        if "forwarded as " in rest:
            self.traffic.forwarded += 1
            return
        self._tick(line, DELIVERED)
        self.traffic.delivered += 1
        of_domain = self.traffic.recipient_domains.setdefault(domain, Account())
        of_address = self.traffic.recipients.setdefault(address, Account())
        of_domain.count += 1
        of_address.count += 1
        of_domain.delay_s += delay_s
        of_domain.longest_s = max(of_domain.longest_s, delay_s)
        size = self.sizes.get(line.about, 0)
        of_domain.size_bytes += size
        of_address.size_bytes += size
        self.traffic.bytes_delivered += size
        if not size:
            self.traffic.no_size[line.about] = address

    def _deferred(self, line: LogLine, domain: str, delay_s: float) -> None:
        self._tick(line, DEFERRED)
        self.traffic.deferrals += 1
        if line.about not in self.deferred:
            self.deferred.add(line.about)
            self.traffic.deferred += 1
        account = self.traffic.recipient_domains.setdefault(domain, Account())
        account.deferrals += 1
        account.longest_s = max(account.longest_s, delay_s)
        reason = _DEFERRAL.search(line.whole)
        text = _uncoded(said(reason[1], 65)).removeprefix("connect to ") if reason else ""
        self.traffic.deferral_details.setdefault(line.program, Counter())[text] += 1


def shortened(text: str, most: int) -> str:
    """The text, with an ellipsis where it is longer than `most`."""
    return text if len(text) <= most else text[: most - 3] + "..."


def said(text: str, most: int) -> str:
    """A reason short enough: first whatever stands before `said: ` goes, then what stands before the next colon."""
    while len(text) > most:
        if " said: " in text:
            text = text.rpartition(" said: ")[2]
        elif ":" in text:
            text = text.partition(":")[2].lstrip(" ")
        else:
            return shortened(text, most)
    return text


def _uncoded(text: str) -> str:
    """Without the reply code before it."""
    return text[4:] if _CODE.match(text) else text


def _address(address: str) -> str:
    """The domain in lower case; what has no `@` stays."""
    local, at, domain = address.partition("@")
    return f"{local}{at}{lower(domain)}"


def _seconds(delay: str) -> float:
    try:
        return float(delay)
    except ValueError:
        return 0.0
