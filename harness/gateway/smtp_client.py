"""smtp_client - hand one mail to a next hop: EHLO, MAIL, RCPTs, DATA; what it said about each recipient. (IO)"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harness.gateway.dsn import NOTHING_SAID, Wanted, encode_xtext
from harness.gateway.settings import Settings
from harness.smtp.address import quote_address
from harness.smtp.client import ClientConnection, ehlo_keywords
from harness.smtp.data import to_wire
from harness.smtp.reply import Reply

Address = tuple[str, int]
_STALL_S = 0.05  # a timer that fires so late tells of a busy machine, and of no silent next hop

NO_UTF8 = "SMTPUTF8 is required, but was not offered by host {}"  # smtp_xfer in smtp_proto.c


class Unreachable(Exception):
    """There is no connection to the next hop, in the words of smtp(8)."""


class _Lost(Exception):
    """The connection broke off, or the next hop fell silent, in the words of smtp(8)."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How long one waits for what (None: for ever), and whether TLS is wanted.  Source: postconf(5), smtp_*_timeout."""

    connect_s: float | None = 30
    helo_s: float | None = 300
    mail_s: float | None = 300
    rcpt_s: float | None = 300
    data_init_s: float | None = 120
    data_done_s: float | None = 600
    tls: str = ""  # smtp_tls_security_level
    skip_5xx_greeting: bool = True


def manners(settings: Settings) -> Manners:
    """As main.cf has them; 0 is no limit."""
    connect, helo, mail, rcpt, init, done = (
        settings.patience(f"smtp_{name}_timeout") or None
        for name in ("connect", "helo", "mail", "rcpt", "data_init", "data_done")
    )
    return Manners(
        connect,
        helo,
        mail,
        rcpt,
        init,
        done,
        settings.text("smtp_tls_security_level"),
        settings.flag("smtp_skip_5xx_greeting"),
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of each recipient: the reply that decided, and in reply to what.

    `lost` says why the others have no reply: it is smtp(8)'s reason for trying them again.
    """

    replies: dict[str, tuple[Reply, str]]
    dsn: bool = False  # the next hop offers DSN, and was told what is wanted
    lost: tuple[str, str] | None = None  # status and text
    soft: bool = False  # whatever the reply's code says, there is another try


@dataclass(frozen=True, slots=True)
class Envelope:
    """Sender and recipients in internal form, and what is to be passed on of the sender's wishes (RFC 3461)."""

    sender: str
    recipients: tuple[str, ...]
    envelope_id: str = ""
    returned: str = ""
    wanted: dict[str, Wanted] = field(default_factory=dict)
    utf8: bool = False  # SMTPUTF8 was asked for
    needs_utf8: bool = False  # and without it the mail cannot go on


async def send(
    address: Address, shown: str, hello: str, envelope: Envelope, data: bytes, how: Manners = Manners()
) -> Sent:
    """Deliver one mail (LF line ends); `shown` is the next hop as log lines name it.  Raises Unreachable."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(*address), how.connect_s)
    except (OSError, TimeoutError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "Connection timed out"
        raise Unreachable(f"connect to {shown}: {reason}") from None
    replies: dict[str, tuple[Reply, str]] = {}
    talk = _Talk(reader, writer, shown.rpartition(":")[0])
    try:
        return await _transaction(talk, hello, envelope, data, how, replies)
    except _Lost as error:
        return Sent(replies, talk.dsn, ("4.4.2", str(error)))
    finally:
        writer.transport.abort()


async def _transaction(
    talk: _Talk, hello: str, envelope: Envelope, data: bytes, how: Manners, replies: dict[str, tuple[Reply, str]]
) -> Sent:
    def all_get(reply: Reply, command: str) -> Sent:
        return Sent({recipient: replies.get(recipient, (reply, command)) for recipient in envelope.recipients})

    greeting = await talk.read("receiving the initial server greeting", how.helo_s)
    if greeting.code != 220:
        soft = how.skip_5xx_greeting and 500 <= greeting.code < 600  # another host of the domain may be kinder
        return replace(all_get(greeting, "initial server greeting"), soft=soft)
    hi = await talk.ask(f"EHLO {hello}", "performing the EHLO handshake", how.helo_s)
    if hi.code == 421:
        return all_get(hi, "HELO")
    if hi.code >= 400:
        hi = await talk.ask(f"HELO {hello}", "performing the HELO handshake", how.helo_s)
        if hi.code >= 400:
            return all_get(hi, "HELO")
    offered = ehlo_keywords(hi)
    talk.dsn = "DSN" in offered
    if how.tls not in ("", "none") and (refused := await _no_tls(talk, offered, how)) is not None:
        return Sent({}, talk.dsn, refused)
    if envelope.needs_utf8 and "SMTPUTF8" not in offered:
        return Sent({}, talk.dsn, ("5.6.7", NO_UTF8.format(talk.shown)))
    mail = await talk.ask(_mail_command(envelope, data, offered), "sending MAIL FROM", how.mail_s)
    if mail.code >= 400:
        return all_get(mail, "MAIL FROM")
    accepted = []
    for recipient in envelope.recipients:
        answer = await talk.ask(_rcpt_command(envelope, recipient, offered), "sending RCPT TO", how.rcpt_s)
        if answer.code >= 400:
            replies[recipient] = (answer, "RCPT TO")
        else:
            accepted.append(recipient)
    if accepted:
        go = await talk.ask("DATA", "sending DATA command", how.data_init_s)
        if go.code != 354:
            return all_get(go, "DATA")
        talk.writer.write(to_wire(data))
        end = await talk.read("sending end of data -- message may be sent more than once", how.data_done_s)
        for recipient in accepted:
            replies[recipient] = (end, "end of DATA")
    talk.writer.write(b"QUIT\r\n")  # its answer changes nothing
    return Sent(replies, talk.dsn)


async def _no_tls(talk: _Talk, offered: Mapping[str, str], how: Manners) -> tuple[str, str] | None:
    """Status and text where TLS is required and cannot be had; `may` goes on without.

    This client begins no TLS, so STARTTLS is only asked for where it must be, and only to hear that it is refused.
    Source: smtp_helo in smtp_proto.c.
    """
    if how.tls == "may":
        return None
    if "STARTTLS" not in offered:
        return "4.7.4", f"TLS is required, but was not offered by host {talk.shown}"
    answer = await talk.ask("STARTTLS", "performing the EHLO handshake", how.helo_s)
    said = " ".join(str(answer).split("\n"))
    if answer.code < 300:
        return "4.7.5", "Cannot start TLS: handshake failure"
    return answer.status or "4.7.4", f"TLS is required, but host {talk.shown} refused to start TLS: {said}"


def _mail_command(envelope: Envelope, data: bytes, offered: Mapping[str, str]) -> str:
    """MAIL FROM with the parameters that the next hop understands.  Source: smtp_loop in smtp_proto.c."""
    command = f"MAIL FROM:<{quote_address(envelope.sender)}>"
    if "SIZE" in offered:
        command += f" SIZE={len(data)}"
    if "8BITMIME" in offered and not data.isascii():
        command += " BODY=8BITMIME"
    if "SMTPUTF8" in offered and envelope.utf8:
        command += " SMTPUTF8"
    if "DSN" in offered:
        if envelope.envelope_id:
            command += f" ENVID={encode_xtext(envelope.envelope_id)}"
        if envelope.returned:
            command += f" RET={envelope.returned}"
    return command


def _rcpt_command(envelope: Envelope, recipient: str, offered: Mapping[str, str]) -> str:
    """RCPT TO; a next hop that knows DSN is told whom the sender meant, whether he said so or not."""
    command = f"RCPT TO:<{quote_address(recipient)}>"
    if "DSN" in offered:
        wanted = envelope.wanted.get(recipient, NOTHING_SAID)
        kind, _, original = (wanted.original or f"rfc822;{quote_address(recipient)}").partition(";")
        command += f" ORCPT={kind};{encode_xtext(original)}"
        if wanted.notify:
            command += f" NOTIFY={','.join(wanted.notify)}"
    return command


class _Talk:
    """One conversation."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, shown: str) -> None:
        self.reader, self.writer, self.shown = reader, writer, shown
        self.dsn = False
        self.connection = ClientConnection()

    async def ask(self, command: str, doing: str, timeout_s: float | None) -> Reply:
        self.writer.write(command.encode("utf-8", "surrogateescape") + b"\r\n")
        return await self.read(doing, timeout_s)

    async def read(self, doing: str, timeout_s: float | None) -> Reply:
        loop = asyncio.get_running_loop()
        while (reply := self.connection.next_reply()) is None:
            begun = loop.time()
            try:
                data = await asyncio.wait_for(self.reader.read(65536), timeout_s)
            except TimeoutError:
                if timeout_s is not None and loop.time() - begun > timeout_s + _STALL_S:
                    continue  # it was we who slept: nobody could be heard
                raise _Lost(f"conversation with {self.shown} timed out while {doing}") from None
            except OSError:
                data = b""
            if not data:
                raise _Lost(f"lost connection with {self.shown} while {doing}")
            self.connection.receive(data)
        return reply
