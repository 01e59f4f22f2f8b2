"""The real pflogsumm and ours read the same logs, and every figure agrees: of the gateway's own logs and of hand-made ones."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import select
import shutil
import signal
import smtplib
import subprocess
import sys
import time
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest

from harness.reports.pflogsumm import pflogsumm
from harness.reports.spam_stats import spam_stats

pytestmark = pytest.mark.witness
ROOT = Path(__file__).parents[2]


def witness(log: Path) -> str:
    program = shutil.which("pflogsumm")
    if program is None:
        (pytest.fail if os.environ.get("GAUNTLET_REQUIRE_WITNESS") else pytest.skip)(
            "pflogsumm is not installed (Debian: pflogsumm)"
        )
    assert program is not None
    done = subprocess.run(
        [program, str(log)], capture_output=True, check=True, env={"LC_ALL": "C", "PATH": os.environ["PATH"]}
    )
    return done.stdout.decode("latin-1")


def sections(report: str) -> list[list[str]]:
    """Blocks of lines; where pflogsumm has no order but that of a Perl hash (equal figures), lines are sorted."""
    blocks = [block.splitlines() for block in report.strip("\n").split("\n\n")]
    return [
        block[:4] + sorted(block[4:])
        if "Host/Domain" in block[0]
        else [line for _, run in groupby(block, _figure) for line in sorted(run)]
        for block in blocks
    ]


def _figure(line: str) -> str:
    """What equal lines have in common: indentation, figure, and the word that pflogsumm sorts by."""
    found = re.match(r" +\d+[ km]  (?:\S+)", line)
    return found[0].lower() if found else line


def agree(log: Path) -> str:
    ours = pflogsumm(log.read_text("latin-1").splitlines(), date.today())
    theirs = witness(log)
    for own, their in zip(sections(ours), sections(theirs), strict=True):
        assert own == their
    return ours


CLIENTS = [
    "mail.ok.test[192.0.2.8]", "unknown[203.0.113.9]", "a.b.example.com[198.51.100.1]", "x.example.co.uk[198.51.100.2]",
    "unknown[2001:db8::1]", "localhost[127.0.0.1]", "Mail.EXAMPLE.org[192.0.2.1]:2525", "host.de[192.0.2.77]",
]  # fmt: skip
ADDRESSES = [
    "a@ok.test",
    "B.C@Example.COM",
    "x",
    "<>",
    "",
    "bulk-17@lists.example.net",
    "u@[192.0.2.1]",
    "o'hara@x.example.org",
    "9@d",
]
REPLIES = [
    "450 4.7.1 Client host rejected: cannot find your hostname, [203.0.113.9]",
    "554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using rbl.test; listed, see http://x/; from=<{f}> to=<{t}> proto=ESMTP helo=<h>",
    "554 5.7.1 <{t}>: Relay access denied; from=<{f}> to=<{t}> proto=ESMTP helo=<h>",
    "450 4.1.2 <{t}>: Recipient address rejected: Domain not found; from=<{f}> to=<{t}> proto=SMTP helo=<a>",
    "550 5.1.1 <{t}>: Recipient address rejected: User unknown in relay recipient table; from=<{f}> to=<{t}> proto=SMTP helo=<a>",
    "504 5.5.2 <{f}>: Sender address rejected: need fully-qualified address; from=<{f}> to=<{t}> proto=SMTP helo=<a>",
    "450 4.1.8 <{f}>: Sender address rejected: Domain not found; from=<{f}> to=<{t}> proto=SMTP helo=<a>",
    "554 5.7.1 <mail.ok.test[192.0.2.8]>: Client host rejected: ACL mta_clients_bw; from=<{f}> to=<{t}> proto=SMTP helo=<a>",
    "503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining; from=<{f}> to=<{t}> proto=SMTP helo=<a>",
    "503 Improper use of SMTP command pipelining; from=<{f}> to=<{t}> proto=SMTP helo=<a>",
    "552 5.3.4 Message size exceeds fixed limit; proto=ESMTP helo=<a>", "552 Message size exceeds fixed limit; from=<{f}> proto=ESMTP helo=<a>",
    "451 4.3.5 Server configuration error; from=<{f}> to=<{t}> proto=SMTP helo=<a>", "451 Server configuration problem; from=<{f}> to=<{t}>",
    "504 5.5.2 <foo>: Helo command rejected: need fully-qualified hostname; from=<{f}> to=<{t}> proto=SMTP helo=<foo>",
    "550 5.5.1 Protocol error; from=<{f}>, to=<{t}>, proto=ESMTP, helo=<a>", "550 <{t}>: User unknown in local recipient table; from=<{f}>",
    "421 4.7.0 Too many connections", "554 5.7.1 odd; words, and: more", "554 no end",
]  # fmt: skip
STATUSES = [
    "relay=next.example.com[192.0.2.25]:25, delay={d}, delays=0.1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as X)",
    "relay=local, delay={d}, delays=0/0/0/0, dsn=2.0.0, status=sent (forwarded as 5F00A)",
    "relay=none, delay={d}, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect to x.example.com[192.0.2.3]:25: Connection refused)",
    "relay=hop[192.0.2.25]:25, conn_use=2, delay={d}, delays=1/0/0/0, dsn=4.2.2, status=deferred (host hop[192.0.2.25] said: 452 4.2.2 the mailbox is full and a very long explanation follows, which is cut somewhere (in reply to RCPT TO command))",
    "relay=hop[192.0.2.25]:25, delay={d}, delays=1/0/0/0, dsn=5.1.1, status=bounced (host hop[192.0.2.25] said: 550 5.1.1 <u@x>: no such user here: go and look for a name that is shorter than this one (in reply to RCPT TO command))",
    "relay=none, delay={d}, status=bounced (550 no route)", "orig_to=<root>, relay=virtual, delay={d}, status=sent (delivered to maildir)",
    "relay=none, delay={d}, delays=0/0/0/0, dsn=2.0.0, status=undeliverable (address unknown)",
]  # fmt: skip
OTHERS = [
    "postfix/smtpd[9]: connect from mail.ok.test[192.0.2.8]", "postfix/smtpd[9]: disconnect from mail.ok.test[192.0.2.8] ehlo=1",
    "postfix/smtpd[9]: warning: hostname x.test does not resolve to address 192.0.2.9: Name or service not known",
    "postfix/smtpd[9]: warning: short", "postfix/smtpd[9]: fatal: bad things: happened", "postfix/cleanup[9]: panic: never",
    "postfix/master[1]: daemon started -- version 3.7.11, configuration /etc/postfix", "postfix/master[1]: reload -- version 3.7.11",
    "postfix/postfix-script[1]: warning: group or other writable: x", "postfix-script[1]: fatal: the mail system is not running",
    "postfix/smtp[7]: connect to x.example.com[192.0.2.3]:25: Connection refused", "postfix/smtp[7]: connect to y.test[192.0.2.4]: Connection timed out (port 25)",
    "postfix/smtp[7]: connect to z.test: server refused mail service; address 192.0.2.5 port 25", "dovecot: imap-login: hello",
    "postfix/qmgr[3]: {q}: removed", "postfix/cleanup[4]: {q}: message-id=<1@x>", "sshd[3]: Accepted", "garbage",
    "postfix/cleanup[4]: {q}: reject: header Subject: buy viagra now and a very long subject goes on and on until it is cut somewhere from x.test[192.0.2.1]; from=<{f}> to=<{t}> proto=ESMTP helo=<a>: 5.7.1 no",
    "postfix/cleanup[4]: {q}: warning: header X-Y: z from x.test[192.0.2.1]; from=<{f}> to=<{t}> proto=SMTP helo=<a>",
    "postfix/cleanup[4]: {q}: discard: body spam from local; from=<{f}>", "postfix/cleanup[4]: {q}: hold: header A: b from local; from=<{f}>",
    "postfix/cleanup[4]: {q}: milter-reject: END-OF-MESSAGE from x[192.0.2.1]: 5.7.1 Command rejected; from=<{f}> to=<{t}>",
    "postfix/pickup[5]: {q}: uid=0 from=<root>", "postfix/submission/smtpd[5]: {q}: client=mail.ok.test[192.0.2.8], sasl_method=PLAIN",
]  # fmt: skip


def made(seed: int, lines: int, days: list[tuple[str, int]], iso: bool = False) -> str:
    """A log of every kind of line, in an order that the seed chooses."""
    chance = random.Random(seed)
    written = []
    for number in range(lines):
        month, day = days[number * len(days) // lines]
        clock = f"{chance.randrange(24):02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}"
        queue_id, sender, recipient = (
            f"{chance.randrange(lines // 3 + 1):05X}A",
            chance.choice(ADDRESSES),
            chance.choice(ADDRESSES),
        )
        client = chance.choice(CLIENTS)
        match chance.randrange(6):
            case 0:
                text = f"postfix/smtpd[9]: {queue_id}: client={client}"
            case 1:
                size = chance.choice([0, 900, 5000, 700_000, 800_000_000])
                text = f"postfix/qmgr[3]: {queue_id}: from=<{sender}>, size={size}, nrcpt=1 (queue active)"
            case 2 | 3:
                said = chance.choice(STATUSES).format(d=chance.choice(["0", "0.3", "12", "75", "7300", "1e+03"]))
                text = f"postfix/{chance.choice(['smtp', 'local', 'error'])}[4]: {queue_id}: to=<{recipient}>, {said}"
            case 4:
                kind, where = (
                    chance.choice(["reject"] * 4 + ["reject_warning", "hold", "discard"]),
                    chance.choice(["RCPT", "RCPT", "MAIL", "DATA", "CONNECT", "HELO", "END-OF-MESSAGE", "VRFY"]),
                )
                reply = chance.choice(REPLIES).format(f=sender, t=recipient)
                about = chance.choice(["NOQUEUE: ", f"{queue_id}: ", ""])
                text = f"postfix/smtpd[9]: {about}{kind}: {where} from {client.removesuffix(':2525')}: {reply}"
            case _:
                text = chance.choice(OTHERS).format(q=queue_id, f=sender, t=recipient)
        stamp = (
            f"2025-{['Jan', 'Feb', 'Mar', 'Apr'].index(month) + 1:02d}-{day:02d}T{clock}.5+02:00"
            if iso
            else f"{month} {day:2d} {clock}"
        )
        written.append(f"{stamp} gw {text}")
    return "\n".join(written) + "\n"


@pytest.mark.parametrize("seed", range(12))
def test_hand_made_logs(tmp_path: Path, seed: int) -> None:
    days = [[("Jan", 3)], [("Jan", 3), ("Jan", 4), ("Feb", 1)], [("Apr", 30), ("Jan", 1)]][seed % 3]
    log = tmp_path / "mail.log"
    log.write_text(made(seed, 40 if seed < 4 else 600, days, iso=seed % 4 == 3), "latin-1")
    report = agree(log)
    stats = spam_stats(log.read_text("latin-1").splitlines(), date.today())
    turned_away = sum(int(re.search(rf" (\d+)   {word}", report)[1]) for word in ("rejected", "discarded"))  # type: ignore[index]
    assert turned_away == sum(map(int, re.findall(r"^ *(\d+) +100\.0%  total", stats, re.MULTILINE)[:1]))
    if seed >= 4:
        for title in (
            "message reject detail\n",
            "message hold detail\n",
            "Warnings\n",
            "message bounce detail (by relay)\n",
        ):
            assert title in report


@pytest.mark.parametrize("text", ["", "garbage\n", "Jan  3 00:00:00 gw postfix/smtpd[1]: connect from x[1.2.3.4]\n"])
def test_a_log_of_nothing(tmp_path: Path, text: str) -> None:
    log = tmp_path / "mail.log"
    log.write_text(text)
    assert "0   received" in agree(log)


@pytest.mark.parametrize(
    "scenario",
    ["content/actions.yaml", "content/lists.yaml", "policy/dnsbl.yaml", "cleanup/actions.yaml", "smtp/envelope.yaml"],
)
def test_the_gateway_s_own_log(tmp_path: Path, scenario: str) -> None:
    from harness.cell import run_loop
    from harness.load import load
    from harness.plan import plan
    from harness.report_source import log_of
    from harness.run import run
    from harness.targets.reference import ReferenceTarget

    loaded = load(ROOT / "scenarios" / scenario)
    lines: list[str] = []
    for number, cell in enumerate(loaded.cells[:3]):
        made_plan = plan(loaded, cell)
        lines += log_of(run_loop(run(made_plan, ReferenceTarget(), tmp_path / str(number))), made_plan.clock_at)
    log = tmp_path / "mail.log"
    log.write_text("".join(f"{line}\n" for line in lines), "utf-8", "surrogateescape")
    report = agree(log)
    accepted = len(re.findall(r"smtpd\[\d+\]: \w+: client=", log.read_text("latin-1")))
    assert f"{accepted:7d}   received" in report


def test_the_log_of_a_gateway_that_was_talked_to_by_hand(tmp_path: Path) -> None:
    """`gauntlet serve`: real stamps, one process for each session, delivery in its own time."""
    log = tmp_path / "mail.log"
    command = [sys.executable, "-m", "harness", "serve", "scenarios/content/lists.yaml", "--log", str(log)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        host, port = json.loads(process.stdout.readline())["smtp"]
        for sender, recipient, subject in (
            ("a@ok.test", "user@yourdomain.com", "hello"),
            ("seller@spammerdomain.com", "user@yourdomain.com", "black-listed"),
            ("a@ok.test", "user@elsewhere.test", "no relay"),
            ("a@ok.test", "user@yourdomain.com", "viagra for you"),
        ):
            with (
                smtplib.SMTP(host, port, "mail.ok.test", timeout=10) as client,
                contextlib.suppress(smtplib.SMTPException),
            ):
                client.sendmail(sender, [recipient], f"Subject: {subject}\n\nhello\n")
        deadline = time.monotonic() + 10
        while log.read_text().count("removed") < 3 and time.monotonic() < deadline:
            select.select([], [], [], 0.05)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    report = agree(log)
    assert "      3   received" in report and "      2   rejected" in report
    assert "wbl_reject spammerdomain.com" in spam_stats(log.read_text("latin-1").splitlines(), date.today())
