"""smtp_client - hand one mail to a next hop: EHLO, MAIL, RCPTs, DATA; what it said about each recipient. (IO)"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.gateway.dsn import NOTHING_SAID, Wanted, encode_xtext
from harness.smtp.address import quote_address
from harness.smtp.client import ClientConnection, ehlo_keywords
from harness.smtp.data import to_wire
from harness.smtp.reply import Reply

Address = tuple[str, int]


class Unreachable(Exception):
    """The next hop cannot be talked to, in the words of smtp(8)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of each recipient: the reply that decided, and in reply to what."""

    replies: dict[str, tuple[Reply, str]]
    dsn: bool = False  # the next hop offers DSN, and was told what is wanted


@dataclass(frozen=True, slots=True)
class Envelope:
    """Sender and recipients in internal form, and what is to be passed on of the sender's wishes (RFC 3461)."""

    sender: str
    recipients: tuple[str, ...]
    envelope_id: str = ""
    returned: str = ""
    wanted: dict[str, Wanted] = field(default_factory=dict)


async def send(
    address: Address, shown: str, hello: str, envelope: Envelope, data: bytes, *, timeout_s: float = 30
) -> Sent:
    """Deliver one mail (LF line ends); `shown` is the next hop as log lines name it.  Raises Unreachable."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(*address), timeout_s)
    except (OSError, TimeoutError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "Connection timed out"
        raise Unreachable(f"connect to {shown}: {reason}") from None
    talk = _Talk(reader, writer, shown, timeout_s)
    try:
        return await _transaction(talk, hello, envelope, data)
    finally:
        writer.transport.abort()


async def _transaction(talk: _Talk, hello: str, envelope: Envelope, data: bytes) -> Sent:
    replies: dict[str, tuple[Reply, str]] = {}

    def all_get(reply: Reply, command: str) -> Sent:
        return Sent({recipient: replies.get(recipient, (reply, command)) for recipient in envelope.recipients})

    greeting = await talk.read("receiving the initial server greeting")
    if greeting.code != 220:
        return all_get(greeting, "initial server greeting")
    hi = await talk.ask(f"EHLO {hello}", "performing the EHLO handshake")
    if hi.code >= 400:
        hi = await talk.ask(f"HELO {hello}", "performing the HELO handshake")
        if hi.code >= 400:
            return all_get(hi, "HELO")
    offered = ehlo_keywords(hi)
    mail = await talk.ask(_mail_command(envelope, data, offered), "sending MAIL FROM")
    if mail.code >= 400:
        return all_get(mail, "MAIL FROM")
    accepted = []
    for recipient in envelope.recipients:
        answer = await talk.ask(_rcpt_command(envelope, recipient, offered), "sending RCPT TO")
        if answer.code >= 400:
            replies[recipient] = (answer, "RCPT TO")
        else:
            accepted.append(recipient)
    if accepted:
        go = await talk.ask("DATA", "sending DATA command")
        if go.code != 354:
            return all_get(go, "DATA")
        talk.writer.write(to_wire(data))
        end = await talk.read("sending end of data -- message may be sent more than once")
        for recipient in accepted:
            replies[recipient] = (end, "end of DATA")
    talk.writer.write(b"QUIT\r\n")  # its answer changes nothing
    return Sent(replies, "DSN" in offered)


def _mail_command(envelope: Envelope, data: bytes, offered: Mapping[str, str]) -> str:
    """MAIL FROM with the parameters that the next hop understands.  Source: smtp_loop in smtp_proto.c."""
    command = f"MAIL FROM:<{quote_address(envelope.sender)}>"
    if "SIZE" in offered:
        command += f" SIZE={len(data)}"
    if "8BITMIME" in offered and not data.isascii():
        command += " BODY=8BITMIME"
    if "SMTPUTF8" in offered and not all(map(str.isascii, (envelope.sender, *envelope.recipients))):
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

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, shown: str, timeout_s: float
    ) -> None:
        self.reader, self.writer, self.shown, self.timeout_s = reader, writer, shown, timeout_s
        self.connection = ClientConnection()

    async def ask(self, command: str, doing: str) -> Reply:
        self.writer.write(command.encode("utf-8", "surrogateescape") + b"\r\n")
        return await self.read(doing)

    async def read(self, doing: str) -> Reply:
        while (reply := self.connection.next_reply()) is None:
            try:
                data = await asyncio.wait_for(self.reader.read(65536), self.timeout_s)
            except TimeoutError:
                raise Unreachable(f"conversation with {self.shown} timed out while {doing}") from None
            except OSError:
                data = b""
            if not data:
                raise Unreachable(f"lost connection with {self.shown} while {doing}")
            self.connection.receive(data)
        return reply
