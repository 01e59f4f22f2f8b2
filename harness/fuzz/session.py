"""session - draw what one client says: HELO, transactions, and whatever else a client may say in between."""

from __future__ import annotations

from collections.abc import Sequence

from harness.fuzz.case import THIS_MACHINE, Say, Visit
from harness.fuzz.draw import Draw, chance, many, pick
from harness.fuzz.mail import draw_mail
from harness.fuzz.vocabulary import CLIENTS, DOMAINS, ETRN_DOMAINS, HELOS, LOGINS, OURS, USERS

_ODD_ADDRESSES = (
    "postmaster", "user", "Postmaster", "user@gw.test.", "user@[192.0.2.8]", "user@[127.0.0.1]",
    "user%ok.test@gw.test",
    "@ok.test:user@gw.test", "two.test!user", '"quoted user"@gw.test', '"a@b"@gw.test', "user@nodots",
    "user@-bad-.test",
    "user@gw.test@ok.test", "user@", "@gw.test", "user@gone.test.", "a@b@c", "user@ok..test",
    "double-bounce@gate.gw.test",
    "user+ext+more@gw.test", "user@[IPv6:2001:db8::8]", "info@GW.test", "mailer-daemon@local.test",
)  # fmt: skip
_SYNTAX = (
    b"MAIL FROM: <user@ok.test>", b"MAIL FROM:user@ok.test", b"MAIL FROM:<user@ok.test> BODY=8BITMIME",
    b"MAIL <user@ok.test>",
    b"MAIL FROM:Some Body <user@ok.test>", b"MAIL FROM:<user@ok.test> SIZE=99999999",
    b"MAIL FROM:<user@ok.test> SIZE=x",
    b"MAIL FROM:<user@ok.test> FOO=bar", b"MAIL FROM:", b"MAIL", b"mail from:<user@ok.test> body=7bit size=500",
    b"MAIL FROM:<user@ok.test> BODY=ODD", b"MAIL FROM:<user@ok.test> RET=HDRS ENVID=x1",
    b"MAIL FROM:<user@ok.test> AUTH=<>",
)  # fmt: skip
_OF_MAIL = (
    b"BODY=8BITMIME", b"BODY=7BIT SIZE=1000", b"RET=FULL", b"RET=HDRS ENVID=abc+2Bd", b"SMTPUTF8",
    b"SIZE=19000",
)  # fmt: skip
_OF_RCPT = (
    b"NOTIFY=NEVER", b"NOTIFY=SUCCESS", b"NOTIFY=FAILURE,DELAY", b"NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;user@gw.test",
    b"ORCPT=rfc822;info@gw.test", b"NOTIFY=NEVER,SUCCESS", b"ORCPT=user@gw.test", b"ORCPT=x;a+2Bb NOTIFY=failure",
)  # fmt: skip
_MISC = (
    b"NOOP", b"NOOP with words", b"RSET", b"RSET now", b"VRFY user@gw.test", b"VRFY user", b"VRFY nobody@gone.test",
    b"VRFY", b"HELP",
    b"EXPN list", b"FROBNICATE", b"GET / HTTP/1.1", b"DATA", b"DATA now", b"STARTTLS",
    b"EHLO again.ok.test",
    b"HELO", b"EHLO", b"XCLIENT", b"", b"  NOOP", b"RCPT TO:<user@gw.test>", b"Subject: a header", b"\xff\xfe",
    b"BDAT x", b"QUIT now",
)  # fmt: skip


def draw_visit(
    draw: Draw, number: int, pipelining: bool = True, clients: Sequence[str] = CLIENTS, logins: int = 12
) -> Visit:
    """A session of one of these clients, or of this machine; so many of a hundred are logged in."""
    says: list[Say] = []
    if chance(draw, 95):
        verb = b"EHLO " if chance(draw, 75) else b"HELO "
        says.append(Say((verb + pick(draw, HELOS).encode(),)))
    for _ in range(pick(draw, (1, 1, 1, 1, 1, 1, 2, 2, 3, 6))):
        if chance(draw, 12):
            says.append(_misc(draw))
        says += _transaction(draw, pipelining)
    if chance(draw, 90):
        says.append(Say((b"QUIT",)))
    address = THIS_MACHINE if chance(draw, 4) else pick(draw, clients)
    login = pick(draw, LOGINS) if address != THIS_MACHINE and chance(draw, logins) else None
    lines = [Say(tuple(_ended(line) for line in say.lines), say.content) for say in says]
    return Visit(f"s{number}", address, tuple(lines), login)


def _transaction(draw: Draw, pipelining: bool) -> list[Say]:
    """MAIL, some RCPT, and a content, more or less."""
    mail = (
        pick(draw, _SYNTAX) if chance(draw, 12) else b"MAIL FROM:<%s>" % _sender(draw).encode() + _said(draw, _OF_MAIL)
    )
    many_or_few = pick(draw, (1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 0, 0, 9))
    recipients = [b"RCPT TO:<%s>" % _recipient(draw).encode() + _said(draw, _OF_RCPT) for _ in range(many_or_few)]
    if chance(draw, 3):
        recipients.append(
            pick(draw, (b"RCPT TO:user@gw.test", b"RCPT", b"RCPT TO:<user@gw.test> NOTIFY=NEVER", b"RCPT TO:<>"))
        )
    commands = [mail, *recipients]
    if chance(draw, 15):
        content = draw_mail(draw)
        if chance(draw, 70):
            says = [Say((line,)) for line in commands]
            return [*says, Say((b"BDAT %d LAST\r\n" % len(content) + content,))]
        half = len(content) // 2
        chunks = (b"BDAT %d\r\n" % half + content[:half], b"BDAT %d LAST\r\n" % (len(content) - half) + content[half:])
        return [*(Say((line,)) for line in commands), *(Say((chunk,)) for chunk in chunks)]
    data: list[Say] = []
    if chance(draw, 85):
        data = [Say((b"DATA",), draw_mail(draw) + b".\r\n")]
    if pipelining and chance(draw, 15) and data:
        return [Say((*commands, b"DATA"), data[0].content)]
    if pipelining and chance(draw, 8):
        return [Say(tuple(commands)), *data]
    says = [Say((line,)) for line in commands]
    if chance(draw, 8):
        says.insert(many(draw, 0, len(says)), _misc(draw))
    return [*says, *data]


def _said(draw: Draw, parameters: tuple[bytes, ...]) -> bytes:
    return b" " + pick(draw, parameters) if chance(draw, 8) else b""


def _misc(draw: Draw) -> Say:
    if chance(draw, 30):
        return Say((b"ETRN " + pick(draw, ETRN_DOMAINS).encode(),))
    return Say((pick(draw, _MISC),), b"Subject: unasked\r\n\r\nx\r\n.\r\n")


def _sender(draw: Draw) -> str:
    if chance(draw, 10):
        return ""
    return _address(draw, DOMAINS)


def _recipient(draw: Draw) -> str:
    return _address(draw, OURS if chance(draw, 75) else DOMAINS)


def _address(draw: Draw, domains: tuple[str, ...]) -> str:
    if chance(draw, 12):
        return pick(draw, _ODD_ADDRESSES)
    return f"{pick(draw, USERS)}@{pick(draw, domains)}"


def _ended(line: bytes) -> bytes:
    return line if line.startswith(b"BDAT ") and b"\n" in line else line + b"\r\n"
